"""The moves of a plan: wave by wave, set by set, until nothing moves any more.

A wave looks at every token about which something is new (exit, goal, stage, rules), then takes one step with every
token that can go. Steps change the contact only in `temp.fact` and `temp.tag_delta`; `runner/apply.py` writes it down.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from nurture_cli.campaign.expression import Condition
from nurture_cli.campaign.model import (
    Branch,
    Campaign,
    Exit,
    MoveStage,
    Rule,
    SetFacts,
    Since,
    Split,
    Stream,
    WaitFor,
)
from nurture_cli.planner.compile import (
    COUNTED_STATES,
    Parameters,
    Scope,
    compile_condition,
    facts_sql,
    time_dependent,
)
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, GOES, RESTS, STUCK, WAITS, WANTS
from nurture_cli.planner.world import World, arm_of
from nurture_cli.reasons import End, Hold
from nurture_cli.records import CORE_TEXT_FIELDS
from nurture_cli.store.database import Connection
from nurture_cli.timing import add

STEP_LIMIT = 100  # steps of one contact in one campaign in one plan; only a loop without a wait gets there

LATE = """(k.if_late = {policy} AND :now - {due} > k.late_after
  AND NOT (t.hop = t.hop0 AND t.held IS NOT NULL AND (t.held_until IS NULL OR :now - t.held_until <= k.late_after)))"""

# An asset counts as received when a touch of its family was sent within the campaign's `once` scope.
RECEIVED = f"""EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = t.cid AND x.family = a.family
  AND x.{COUNTED_STATES} AND x.state = 'sent'
  AND CASE k.once WHEN 'global' THEN 1 WHEN 'campaign' THEN x.campaign = k.name
      WHEN 'pass' THEN x.enrollment_id = t.tid ELSE {{otherwise}} END)"""


def register_functions(db: Connection, world: World) -> None:
    """Give SQL the two things that only Python knows: calendars and stable hashes."""

    @lru_cache(maxsize=1 << 16)
    def wait_end(anchor: int, node: int, zone: str | None) -> int | None:
        duration = world.duration(node)
        return None if duration is None else add(anchor, duration, zone or world.zone, world.closed)

    def split_arm(node: int, email: str) -> str:
        step = world.step(node)
        assert isinstance(step, Split)  # noqa: S101  only splits ask
        return step.arms[arm_of(step.name, tuple(arm.weight for arm in step.arms), email)].name

    def add_gap(at: int | None, camp: int | None, zone: str | None) -> int | None:
        gap = None if camp is None else world.campaigns[camp].pace.gap
        return None if gap is None or at is None else add(at, gap, zone or world.zone, world.closed)

    for name, arguments, function in (("wait_end", 3, wait_end), ("split_arm", 2, split_arm), ("add_gap", 3, add_gap)):
        db.create_function(name, arguments, function, deterministic=True)


class Waves:
    """Moves the tokens of one plan."""

    def __init__(self, db: Connection, world: World, at: int) -> None:
        self.db = db
        self.world = world
        self.at = at

    def move_all(self) -> None:
        """Move until nothing moves any more; ends because every token has a step limit."""
        while True:
            self._look()
            at_nodes = self.db.execute(
                f"SELECT node FROM temp.token WHERE st = {GOES} AND fresh = 0 GROUP BY node"
            ).fetchall()
            if not at_nodes and not self._any_fresh():
                return
            self._step([node for (node,) in at_nodes])
            self.db.execute(
                f"UPDATE temp.token SET st = {STUCK}, stuck = ? WHERE st = {GOES} AND steps >= {STEP_LIMIT}",
                (Hold.LOOP,),
            )

    def _run(self, sql: str, parameters: Parameters | None = None) -> int:
        values = Parameters() if parameters is None else parameters
        values["now"] = self.at
        return self.db.execute(sql, values).rowcount

    def _any_fresh(self) -> bool:
        return bool(self.db.execute("SELECT EXISTS (SELECT 1 FROM temp.token WHERE fresh = 1)").fetchone()[0])

    # --- looking at what is new -------------------------------------------------------------------------------

    def _look(self) -> None:
        present = self.db.execute("SELECT DISTINCT camp FROM temp.token WHERE fresh = 1 ORDER BY camp").fetchall()
        campaigns = [(camp, self.world.campaigns[camp]) for (camp,) in present]
        for camp, campaign in campaigns:
            if campaign.goal is not None:
                self._end(camp, End.GOAL, campaign.goal.condition)
            if campaign.exit is not None:
                self._end(camp, End.EXIT, campaign.exit)
        if campaigns:
            self._route()
        if not any(campaign.rules for _, campaign in campaigns):
            self.db.execute("UPDATE temp.token SET fresh = 0 WHERE fresh = 1")
            return
        self.db.execute("UPDATE temp.token SET fresh = 2 WHERE fresh = 1")  # looked at, but for the rules
        for camp, campaign in sorted(campaigns, key=lambda pair: (-pair[1].priority, pair[0])):
            if campaign.rules:
                self._apply_rules(camp, campaign)
        self.db.execute("UPDATE temp.token SET fresh = 0 WHERE fresh = 2")

    def _end(self, camp: int, end: End, condition: Condition) -> None:
        parameters = Parameters(camp=camp, end=str(end))
        holds = compile_condition(condition.body, self.world.scope, parameters)
        matching = (
            f"t.camp = :camp AND t.fresh = 1 AND t.st <> {ENDED}"
            f" AND EXISTS (SELECT 1 FROM temp.fact c WHERE c.id = t.cid AND {holds})"
        )
        facts = facts_sql((condition,), self.world.scope, parameters)
        self._run(
            "INSERT INTO temp.log (tid, hop, kind, sid, outcome, facts)"
            f" SELECT t.tid, t.hop, 'ended', '', :end, {facts}"
            f" FROM temp.token t JOIN temp.fact c ON c.id = t.cid WHERE {matching}",
            parameters,
        )
        self._run(f"UPDATE temp.token AS t SET st = {ENDED}, ended = :end, stuck = NULL WHERE {matching}", parameters)

    def _route(self) -> None:
        """Bring every token to the sequence of its contact's stage, where it left off or at the first step."""
        joined = (
            "FROM temp.token t JOIN temp.fact f ON f.id = t.cid"
            " LEFT JOIN temp.route r ON r.camp = t.camp AND r.stage = f.stage"
        )
        astray = f"t.fresh = 1 AND t.st <> {ENDED} AND t.seq IS NOT r.seq"
        self._run(
            f"""
            INSERT OR REPLACE INTO temp.shelf (tid, seq, sid, done, casts, anchor)
            SELECT t.tid, t.seq, iif(n.kind = 'end' OR n.node IS NULL, t.last_sid, n.sid), coalesce(n.kind = 'end', 0),
                   t.casts, t.anchor
            {joined} LEFT JOIN temp.node n ON n.node = t.node
            WHERE {astray} AND t.seq IS NOT NULL
            """
        )
        self._run(
            "INSERT INTO temp.log (tid, hop, kind, sid, outcome)"
            f" SELECT t.tid, t.hop + 1, 'sequence', '', coalesce(r.seq, 'rest') {joined} WHERE {astray}"
        )
        self._run(
            f"""
            UPDATE temp.token AS u SET seq = m.seq, node = m.node, hop = hop + 1, casts = m.casts, anchor = :now,
                st = iif(m.seq IS NULL, {RESTS}, {GOES}), stuck = NULL, steps = steps + 1, last_sid = m.sid, asset = NULL
            FROM (
                SELECT t.tid, r.seq, coalesce(iif(coalesce(s.done, b.step_done) = 1, n.next, n.node), r.first) AS node,
                       coalesce(s.casts, b.casts, 0) AS casts, coalesce(s.sid, b.step) AS sid
                {joined}
                LEFT JOIN temp.shelf s ON s.tid = t.tid AND s.seq = r.seq
                LEFT JOIN main.bookmark b ON b.enrollment_id = t.tid AND b.sequence = r.seq
                LEFT JOIN temp.place p ON p.camp = t.camp AND p.sid = coalesce(s.sid, b.step)
                LEFT JOIN temp.node n ON n.node = p.node
                WHERE {astray}
            ) AS m WHERE m.tid = u.tid
            """
        )
        self.db.execute(f"UPDATE temp.token SET st = {RESTS} WHERE st = {GOES} AND fresh = 1 AND seq IS NULL")

    def _apply_rules(self, camp: int, campaign: Campaign) -> None:
        """Find the first rule in file order that fires, for each token, and let it act."""
        for number, rule in enumerate(campaign.rules):
            self._match_rule(camp, campaign, number, rule)
        for number, rule in enumerate(campaign.rules):
            parameters = Parameters(camp=camp, number=number, rule=rule.id)
            facts = facts_sql((rule.condition,), self.world.scope, parameters)
            outcome = parameters.bind(rule.stage or rule.goto or rule.exit)
            fired = self._run(
                "INSERT INTO temp.log (tid, hop, kind, sid, outcome, facts)"
                f" SELECT t.tid, t.hop, 'rule', :rule, {outcome}, {facts}"
                " FROM temp.token t JOIN temp.fact c ON c.id = t.cid WHERE t.camp = :camp AND t.rule = :number",
                parameters,
            )
            if fired:
                self._act(camp, campaign, number, rule)
        self.db.execute("UPDATE temp.token SET rule = NULL WHERE rule IS NOT NULL")

    def _match_rule(self, camp: int, campaign: Campaign, number: int, rule: Rule) -> None:
        parameters = Parameters(camp=camp, number=number, rule=rule.id)
        scope = self.world.scope
        last = (
            "(SELECT max(d.at) FROM main.decision d"
            " WHERE d.enrollment_id = t.tid AND d.kind = 'rule' AND d.step = :rule)"
        )
        first_time = compile_condition(rule.condition.body, scope, parameters)
        newly = compile_condition(rule.condition.body, scope.since(last), parameters)
        static = compile_condition(rule.condition.body, scope.without_events(), parameters)
        extra = ""
        if rule.stage is not None:
            extra = f" AND {_earlier_stage(parameters.bind(rule.stage))}"
        elif rule.goto is not None:
            sequence = self.world.nodes[self.world.number(camp, rule.goto)][1].sequence
            extra = f" AND t.seq = {parameters.bind(sequence)}"
        self._run(
            f"""
            UPDATE temp.token AS t SET rule = :number
            WHERE t.camp = :camp AND t.fresh = 2 AND t.rule IS NULL AND t.st <> {ENDED}
              AND NOT EXISTS (SELECT 1 FROM temp.log l WHERE l.tid = t.tid AND l.kind = 'rule' AND l.sid = :rule)
              AND EXISTS (SELECT 1 FROM temp.fact c WHERE c.id = t.cid{extra}
                AND CASE WHEN {last} IS NULL THEN {first_time} ELSE {newly} AND NOT {static} END)
            """,
            parameters,
        )

    def _act(self, camp: int, campaign: Campaign, number: int, rule: Rule) -> None:
        parameters = Parameters(camp=camp, number=number, rule=rule.id)
        chosen = "camp = :camp AND rule = :number"
        if rule.exit is not None:
            parameters["ended"] = f"{End.STEP}: {rule.exit}"
            self._run(f"UPDATE temp.token SET st = {ENDED}, ended = :ended, stuck = NULL WHERE {chosen}", parameters)
        elif rule.goto is not None:
            parameters["target"] = self.world.number(camp, rule.goto)
            self._run(
                f"UPDATE temp.token SET node = :target, st = {GOES}, stuck = NULL, hop = hop + 1, casts = 0,"
                f" steps = steps + 1, anchor = :now, asset = NULL WHERE {chosen}",
                parameters,
            )
        elif rule.stage is not None:
            cause = f"{campaign.name}/{rule.id}"
            self._set_stage(rule.stage, cause, f"SELECT cid FROM temp.token WHERE {chosen}", parameters)

    # --- taking one step --------------------------------------------------------------------------------------

    def _step(self, nodes: list[int]) -> None:
        by_kind: dict[str, list[int]] = {}
        for node in nodes:
            step = self.world.step(node)
            by_kind.setdefault("end" if step is None else type(step).__name__, []).append(node)
        at_once: dict[str, Callable[[], None]] = {
            "end": self._exhaust, "Send": self._want, "Wait": self._wait, "Goto": self._go,
        }  # fmt: skip
        one_by_one: dict[str, Callable[[int], None]] = {
            "Branch": self._branch, "Split": self._split, "WaitFor": self._wait_for, "Stream": self._cast,
            "Exit": self._leave, "SetFacts": self._set, "MoveStage": self._stage,
        }  # fmt: skip
        for kind, whole in at_once.items():
            if kind in by_kind:
                whole()
        for kind, single in one_by_one.items():
            for node in self._by_priority(by_kind.get(kind, [])):
                single(node)

    def _by_priority(self, nodes: list[int]) -> list[int]:
        """Where two campaigns set the same fact in one wave, the one that matters less goes first and is overruled."""
        return sorted(nodes, key=lambda node: (self.world.campaigns[self.world.nodes[node][0]].priority, node))

    def _advance(self, where: str, to: str, parameters: Parameters | None = None, anchor: str = "t.anchor") -> None:
        """Move the tokens that match `where` (on t) from their node to `to`; a new arrival, a new hop."""
        self._run(
            f"""
            UPDATE temp.token AS t SET node = {to}, hop = t.hop + 1, steps = t.steps + 1, casts = 0,
                last_sid = n.sid, anchor = {anchor}, st = {GOES}, mark = NULL, asset = NULL, due = NULL
            FROM temp.node n WHERE n.node = t.node AND {where}
            """,
            parameters,
        )

    def _note(
        self, kind: str, where: str, parameters: Parameters, outcome: str = "t.mark", facts: str = "'{}'"
    ) -> None:
        self._run(
            "INSERT INTO temp.log (tid, hop, kind, sid, outcome, facts)"
            f" SELECT t.tid, t.hop, '{kind}', n.sid, {outcome}, {facts} FROM temp.token t"
            f" JOIN temp.node n ON n.node = t.node JOIN temp.fact c ON c.id = t.cid WHERE {where}",
            parameters,
        )

    def _exhaust(self) -> None:
        self._run(
            f"UPDATE temp.token SET st = {EXHAUSTED} WHERE st = {GOES} AND fresh = 0"
            " AND node IN (SELECT node FROM temp.node WHERE kind = 'end')"
        )

    def _want(self) -> None:
        """A send: received, expired or missed ones are passed by; the others want to go out."""
        here = f"t.st = {GOES} AND t.fresh = 0 AND n.kind = 'send'"
        received, missed = RECEIVED.format(otherwise="0"), LATE.format(policy="'skip'", due="t.anchor")
        self._run(
            f"""
            UPDATE temp.token AS u SET asset = m.asset, due = u.anchor, mark = m.mark,
                st = iif(m.mark IS NULL, {WANTS}, {GOES})
            FROM (
                SELECT t.tid, n.asset, CASE
                    WHEN {received} THEN 'received'
                    WHEN a.expires IS NOT NULL AND a.expires <= :now THEN 'expired'
                    WHEN {missed} THEN 'late' END AS mark
                FROM temp.node n
                CROSS JOIN temp.token t ON t.node = n.node
                JOIN temp.asset a ON a.name = n.asset JOIN temp.camp k ON k.camp = n.camp
                WHERE {here}
            ) AS m WHERE m.tid = u.tid
            """
        )
        passed = f"{here} AND t.mark IS NOT NULL"
        self._note("skipped", passed, Parameters())
        self._advance(passed, "n.next")

    def _wait(self) -> None:
        self._run(
            f"""
            UPDATE temp.token AS u SET due = m.due, wake = m.due, st = iif(m.due > :now, {WAITS}, {GOES})
            FROM (
                SELECT t.tid, wait_end(t.anchor, t.node, f.zone) AS due
                FROM temp.node n
                CROSS JOIN temp.token t ON t.node = n.node
                JOIN temp.fact f ON f.id = t.cid
                WHERE t.st = {GOES} AND t.fresh = 0 AND n.kind = 'wait'
            ) AS m WHERE m.tid = u.tid
            """
        )
        self._advance(f"t.st = {GOES} AND t.fresh = 0 AND n.kind = 'wait' AND t.due <= :now", "n.next", anchor="t.due")

    def _go(self) -> None:
        for node in self._standing("Goto"):
            parameters = Parameters(node=node, target=self.world.way(node, "goto"))
            where = f"t.st = {GOES} AND t.fresh = 0 AND t.node = :node"
            self._note("goto", where, parameters, outcome=parameters.bind(self.world.nodes[node][1].ways[0][0]))
            self._advance(where, ":target", parameters)

    def _standing(self, kind: str) -> list[int]:
        rows = self.db.execute(
            f"SELECT t.node FROM temp.token t JOIN temp.node n ON n.node = t.node"
            f" WHERE t.st = {GOES} AND t.fresh = 0 AND n.kind = ? GROUP BY t.node",
            (kind.lower(),),
        )
        return [node for (node,) in rows.fetchall()]

    def _here(self, node: int) -> tuple[str, Parameters]:
        return f"t.st = {GOES} AND t.fresh = 0 AND t.node = :node", Parameters(node=node)

    def _branch(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, Branch)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        scope = self.world.scope
        cases = "".join(
            f" WHEN {compile_condition(arm.condition.body, scope, parameters)} THEN '{number}'"
            for number, arm in enumerate(step.arms, 1)
        )
        self._run(
            f"UPDATE temp.token AS t SET mark = CASE{cases} ELSE 'else' END"
            f" FROM temp.fact c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        facts = facts_sql(tuple(arm.condition for arm in step.arms), scope, parameters)
        self._note("branch", where, parameters, facts=facts)
        self._follow_ways(node, where)

    def _follow_ways(self, node: int, where: str) -> None:
        for name, _ in self.world.nodes[node][1].ways:
            way = Parameters(node=node, way=name, target=self.world.way(node, name))
            self._advance(f"{where} AND t.mark = :way", ":target", way)

    def _split(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, Split)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        parameters["split"] = step.name
        known = ", ".join(parameters.bind(arm.name) for arm in step.arms)
        stored = "SELECT arm FROM {} WHERE {} = t.cid AND split = :split AND arm IN ({})"
        earlier = stored.format("main.assignment", "contact_id", known)
        present = stored.format("temp.assign", "cid", known)
        self._run(
            f"UPDATE temp.token AS t SET mark = coalesce(({earlier}), ({present}), split_arm(t.node, c.email))"
            f" FROM temp.fact c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        self._run(
            f"INSERT OR REPLACE INTO temp.assign SELECT t.cid, :split, t.mark FROM temp.token t WHERE {where}",
            parameters,
        )
        self._note("split", where, parameters)
        self._follow_ways(node, where)

    def _wait_for(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, WaitFor)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        self._run(
            "UPDATE temp.token AS t SET due = wait_end(t.anchor, t.node, f.zone)"
            f" FROM temp.fact f WHERE f.id = t.cid AND {where}",
            parameters,
        )
        scope = wait_scope(step, self.world.scope)
        holds = compile_condition(step.condition.body, scope, parameters)
        facts = facts_sql((step.condition,), scope, parameters)
        self._run(
            f"UPDATE temp.token AS t SET mark = CASE WHEN {holds} THEN 'then' WHEN t.due <= :now THEN 'else' END"
            f" FROM temp.fact c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        decided = f"{where} AND t.mark IS NOT NULL"
        outcome = "iif(t.mark = 'then', 'met', 'time-out')"
        self._note("wait_for", decided, parameters, outcome=outcome, facts=facts)
        wake = ":now" if time_dependent(step.condition.body) else "t.due"
        self._run(
            f"UPDATE temp.token AS t SET st = {WAITS}, wake = {wake} WHERE {where} AND t.mark IS NULL",
            Parameters(node=node),
        )
        for name in ("then", "else"):
            way = Parameters(node=node, way=name, target=self.world.way(node, name))
            anchor = "min(:now, coalesce(t.due, :now))"
            self._advance(f"{where} AND t.mark = :way", ":target", way, anchor)

    def _cast(self, node: int) -> None:
        """A stream: leave it when `until` holds; wait for the next turn; pick the first eligible item; or it is dry."""
        step = self.world.step(node)
        assert isinstance(step, Stream)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        due = "CASE WHEN t.casts = 0 THEN t.anchor ELSE wait_end(t.anchor, t.node, c.zone) END"
        until, facts, wake = "0", "'{}'", "t.due"
        if step.until is not None:
            until = compile_condition(step.until.body, self.world.scope, parameters)
            facts = facts_sql((step.until,), self.world.scope, parameters)
            wake = ":now" if time_dependent(step.until.body) else "t.due"
        self._run(
            f"UPDATE temp.token AS t SET due = {due}, mark = CASE WHEN {until} THEN 'until' END"
            f" FROM temp.fact c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        self._run(
            f"UPDATE temp.token AS t SET st = {WAITS}, wake = {wake}, asset = NULL"
            f" WHERE {where} AND t.mark IS NULL AND t.due > :now",
            parameters,
        )
        self._pick(node, step, where)
        self._run(
            f"UPDATE temp.token AS t SET st = {WANTS} WHERE {where} AND t.mark IS NULL AND t.asset IS NOT NULL",
            parameters,
        )
        self._run(f"UPDATE temp.token AS t SET mark = 'dry' WHERE {where} AND t.mark IS NULL", parameters)
        self._note("stream", where, parameters, facts=facts)
        if self.world.is_last(node):
            # The last step: who has received everything stays at the stream, and goes on when an item is added.
            self._run(f"UPDATE temp.token AS t SET st = {EXHAUSTED} WHERE {where} AND t.mark = 'dry'", parameters)
        self._advance(f"{where} AND t.mark IS NOT NULL", "n.next", parameters, "iif(t.mark = 'until', :now, t.due)")

    def _pick(self, node: int, step: Stream, where: str) -> None:
        self._run(f"UPDATE temp.token AS t SET asset = NULL WHERE {where}", Parameters(node=node))
        for item in step.items:
            parameters = Parameters(node=node, item=item.asset)
            wanted = "1"
            if item.condition is not None:
                wanted = compile_condition(item.condition.body, self.world.scope, parameters)
            received = RECEIVED.format(otherwise="x.enrollment_id = t.tid")
            self._run(
                f"""
                UPDATE temp.token AS t SET asset = :item
                FROM temp.fact c, temp.asset a, temp.camp k
                WHERE c.id = t.cid AND a.name = :item AND k.camp = t.camp AND {where}
                  AND t.mark IS NULL AND t.asset IS NULL AND (a.expires IS NULL OR a.expires > :now)
                  AND (c.role IS NULL OR NOT EXISTS (SELECT 1 FROM temp.audience u WHERE u.asset = :item)
                       OR c.role IN (SELECT role FROM temp.audience u WHERE u.asset = :item))
                  AND {wanted} AND NOT {received}
                """,
                parameters,
            )

    def _leave(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, Exit)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        parameters["ended"] = f"{End.STEP}: {step.reason}"
        self._note("ended", where, parameters, outcome=":ended")
        self._run(f"UPDATE temp.token AS t SET st = {ENDED}, ended = :ended WHERE {where}", parameters)

    def _set(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, SetFacts)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        self._run(f"UPDATE temp.token AS t SET rule = -1 WHERE {where}", parameters)
        contacts = "SELECT cid FROM temp.token WHERE rule = -1"
        self._note("set", where, parameters, outcome="'set'")
        for name, value in step.fields:
            if name in CORE_TEXT_FIELDS:
                change = f"{name} = {parameters.bind(value)}"  # from the closed list
            elif value is None:
                change = f"fields = json_remove(fields, {parameters.bind(_path(name))})"
            else:
                stored = (
                    "json('true')" if value is True else "json('false')" if value is False else parameters.bind(value)
                )
                change = f"fields = json_set(fields, {parameters.bind(_path(name))}, {stored})"
            self._run(f"UPDATE temp.fact SET {change}, touched = 1 WHERE id IN ({contacts})", parameters)
        for tag, present in (*((tag, 1) for tag in step.tags), *((tag, 0) for tag in step.untags)):
            name = parameters.bind(tag)
            self._run(
                f"INSERT OR REPLACE INTO temp.tag_delta SELECT cid, {name}, {present} FROM ({contacts})", parameters
            )
        self._advance("t.rule = -1", "n.next")
        self._refresh(contacts, Parameters())
        self.db.execute("UPDATE temp.token SET rule = NULL WHERE rule = -1")

    def _stage(self, node: int) -> None:
        step = self.world.step(node)
        assert isinstance(step, MoveStage)  # noqa: S101  dispatched by kind
        where, parameters = self._here(node)
        stage = parameters.bind(step.stage)
        self._note("stage", where, parameters, outcome=f"iif({_earlier_stage(stage)}, {stage}, 'stays ' || c.stage)")
        cause = f"{self.world.campaigns[self.world.nodes[node][0]].name}/{step.id}"
        # The step is done before the stage changes: coming back, the contact goes on behind it.
        self._run(f"UPDATE temp.token AS t SET rule = -1 WHERE {where}", parameters)
        self._advance("t.rule = -1", "n.next")
        self._set_stage(step.stage, cause, "SELECT cid FROM temp.token WHERE rule = -1", Parameters())
        self.db.execute("UPDATE temp.token SET rule = NULL WHERE rule = -1")

    # --- changing the contact, within the plan ----------------------------------------------------------------

    def _set_stage(self, stage: str, cause: str, contacts: str, parameters: Parameters) -> None:
        target = parameters.bind(stage)
        moved = f"id IN ({contacts}) AND {_earlier_stage(target, row='c')}"
        self._run(
            "INSERT INTO temp.stage_change (cid, old, new, cause)"
            f" SELECT c.id, c.stage, {target}, {parameters.bind(cause)} FROM temp.fact c WHERE c.{moved}",
            parameters,
        )
        changed = self._run(
            f"UPDATE temp.fact AS c SET stage = {target}, stage_at = :now, touched = 1 WHERE c.{moved}", parameters
        )
        if changed:
            self._refresh(contacts, parameters)

    def _refresh(self, contacts: str, parameters: Parameters) -> None:
        """Something about these contacts changed: look at all their tokens again, in every campaign."""
        self._run(
            f"UPDATE temp.token SET fresh = 1, st = CASE WHEN st IN ({WAITS}, {WANTS}) THEN {GOES} ELSE st END"
            f" WHERE cid IN ({contacts}) AND st <> {ENDED}",
            parameters,
        )


def wait_scope(step: WaitFor, scope: Scope) -> Scope:
    """How a wait asks its condition: as of its time-out at the latest, and about events since what `since:` says."""
    asked = Scope(
        ceiling="min(:now, coalesce(t.due, :now))",
        overlay=scope.overlay,
        families=scope.families,
        family_of=scope.family_of,
    )
    match step.since:
        case Since.EVER:
            return asked
        case Since.ENTRY:
            return asked.since("t.entered")
        case Since.ARRIVAL:
            return asked.since("t.anchor")


def _earlier_stage(stage: str, row: str = "c") -> str:
    """Whether the contact stands before a stage; one whose stage is not in the list does."""
    rank = "(SELECT s.rank FROM temp.stage_rank s WHERE s.stage = {})"
    return f"coalesce({rank.format(f'{row}.stage')}, -1) < {rank.format(stage)}"


def _path(name: str) -> str:
    return f'$."{name}"'
