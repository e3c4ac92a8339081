"""Taking one step with every token that is ready: one method for each kind of step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nurture_cli.campaign.model import (
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Send,
    SetFacts,
    Since,
    Split,
    Stream,
    Verb,
    Wait,
    WaitFor,
)
from nurture_cli.planner.bound import COUNTED_STATES, Parameters
from nurture_cli.planner.compile import Scope, compile_condition, facts_sql
from nurture_cli.planner.funnel import WITH_SALES, earlier_stage
from nurture_cli.planner.moves import Moves
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, GOES, SEEN, WAITS, WANTS
from nurture_cli.planner.wakes import NEVER, next_change
from nurture_cli.planner.world import END
from nurture_cli.reasons import End
from nurture_cli.records import CORE_TEXT_FIELDS

# Overdue by more than `late_after`. What a policy held back is late only so long after its hold has ended.
LATE = """(k.if_late = {policy} AND :now - {due} > k.late_after
  AND NOT (t.hop IS t.hop_before AND t.held IS NOT NULL
           AND (t.held_until IS NULL OR :now - t.held_until <= k.late_after)))"""

# A token that can take a step: it goes, and nothing new about it is left to look at.
READY = f"t.doing = {GOES} AND t.fresh = {SEEN}"

# What a stream decides when none of its items is eligible.
NOTHING_LEFT = "nothing left to send"

# An asset counts as received when a touch of its family was sent within the campaign's `once` scope.
RECEIVED = f"""EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = t.cid AND x.family = a.family
  AND x.{COUNTED_STATES} AND x.state = 'sent'
  AND CASE k.once WHEN 'global' THEN 1 WHEN 'campaign' THEN x.campaign = k.name
      WHEN 'pass' THEN x.enrollment_id = t.tid ELSE {{otherwise}} END)"""


class Steps:
    """Takes one step with every token that is ready."""

    def __init__(self, moves: Moves) -> None:
        self.moves = moves

    def step(self, nodes: list[int]) -> None:
        """Take one step with every token that is at one of these nodes and ready."""
        takes = dict.fromkeys(self._take(node) for node in self._by_priority(nodes))
        for _, take in sorted(takes, key=lambda one: one[0]):
            take()

    def _take(self, node: int) -> tuple[int, Callable[[], None]]:
        """The place of a node's step in the order of a wave, and the method that takes it.

        Steps of some kinds are taken at all their nodes at once, the others one node after the other.
        """
        step = self.moves.world.step(node)
        match step:
            case None:
                return 0, self._exhaust
            case Send():
                return 1, self._send
            case Wait():
                return 2, self._wait
            case Goto():
                return 3, self._goto
            case Branch():
                return 4, partial(self._branch, node, step)
            case Split():
                return 5, partial(self._split, node, step)
            case WaitFor():
                return 6, partial(self._wait_for, node, step)
            case Stream():
                return 7, partial(self._stream, node, step)
            case Exit():
                return 8, partial(self._exit, node, step)
            case SetFacts():
                return 9, partial(self._set, node, step)
            case MoveStage():
                return 10, partial(self._stage, node, step)
            case Handoff():
                return 11, partial(self._hand_to_sales, node, step)

    def _by_priority(self, nodes: list[int]) -> list[int]:
        """Lowest priority first: where two campaigns set the same fact, the one of higher priority sets it last."""
        return sorted(
            nodes, key=lambda node: (self.moves.world.campaigns[self.moves.world.nodes[node][0]].priority, node)
        )

    def _exhaust(self) -> None:
        self.moves.run(
            f"UPDATE temp.token AS t SET doing = {EXHAUSTED} WHERE {READY}"
            f" AND t.node IN (SELECT node FROM temp.node WHERE kind = '{END}')"
        )

    def _send(self) -> None:
        """Pass by a send whose asset was received, has expired or is too late; the others want to go out."""
        here = f"{READY} AND n.kind = '{Verb.SEND}'"
        received, missed = RECEIVED.format(otherwise="0"), LATE.format(policy="'skip'", due="t.anchor")
        self.moves.run(
            f"""
            WITH m AS MATERIALIZED (  -- or SQLite would look into the ledger once for each mention of what is decided
                SELECT t.tid, n.asset, CASE
                    WHEN {received} THEN 'received'
                    WHEN a.expires IS NOT NULL AND a.expires <= :now THEN 'expired'
                    WHEN {missed} THEN 'late' END AS decided
                FROM temp.node n
                CROSS JOIN temp.token t ON t.node = n.node
                JOIN temp.asset a ON a.name = n.asset JOIN temp.campaign k ON k.campaign_id = n.campaign_id
                WHERE {here})
            UPDATE temp.token AS u SET asset = m.asset, due = u.anchor, decided = m.decided,
                doing = iif(m.decided IS NULL, {WANTS}, {GOES})
            FROM m WHERE m.tid = u.tid
            """
        )
        passed = f"{here} AND t.decided IS NOT NULL"
        self.moves.note("skipped", passed, Parameters())
        self.moves.advance(passed, "n.next")

    def _wait(self) -> None:
        self.moves.run(
            f"""
            WITH m AS MATERIALIZED (
                SELECT t.tid, wait_end(t.anchor, t.node, c.zone) AS due
                FROM temp.node n
                CROSS JOIN temp.token t ON t.node = n.node
                JOIN temp.contact_now c ON c.id = t.cid
                WHERE {READY} AND n.kind = '{Verb.WAIT}')
            UPDATE temp.token AS u SET due = m.due, wake = m.due, doing = iif(m.due > :now, {WAITS}, {GOES})
            FROM m WHERE m.tid = u.tid
            """
        )
        self.moves.advance(f"{READY} AND n.kind = '{Verb.WAIT}' AND t.due <= :now", "n.next", anchor="t.due")

    def _goto(self) -> None:
        for node in self._occupied(Verb.GOTO):
            parameters = Parameters(node=node, target=self.moves.world.way(node, "goto"))
            where = f"{READY} AND t.node = :node"
            self.moves.note(
                "goto", where, parameters, outcome=parameters.bind(self.moves.world.nodes[node][1].ways[0][0])
            )
            self.moves.advance(where, ":target", parameters)

    def _occupied(self, verb: Verb) -> list[int]:
        """The nodes of one kind at which tokens can take a step."""
        rows = self.moves.db.execute(
            f"SELECT t.node FROM temp.token t JOIN temp.node n ON n.node = t.node"
            f" WHERE {READY} AND n.kind = ? GROUP BY t.node",
            (verb,),
        )
        return [node for (node,) in rows.fetchall()]

    def _here(self, node: int) -> tuple[str, Parameters]:
        return f"{READY} AND t.node = :node", Parameters(node=node)

    def _branch(self, node: int, step: Branch) -> None:
        where, parameters = self._here(node)
        scope = self.moves.world.scope
        cases = "".join(
            f" WHEN {compile_condition(arm.condition.body, scope, parameters)} THEN '{number}'"
            for number, arm in enumerate(step.arms, 1)
        )
        self.moves.run(
            f"UPDATE temp.token AS t SET decided = CASE{cases} ELSE 'else' END"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        facts = facts_sql(tuple(arm.condition for arm in step.arms), scope, parameters)
        self.moves.note("branch", where, parameters, facts=facts)
        self._follow_ways(node, where)

    def _follow_ways(self, node: int, where: str) -> None:
        for name, _ in self.moves.world.nodes[node][1].ways:
            way = Parameters(node=node, way=name, target=self.moves.world.way(node, name))
            self.moves.advance(f"{where} AND t.decided = :way", ":target", way)

    def _split(self, node: int, step: Split) -> None:
        where, parameters = self._here(node)
        parameters["split"] = step.name
        known = ", ".join(parameters.bind(arm.name) for arm in step.arms)
        stored = "SELECT arm FROM {} WHERE {} = t.cid AND split = :split AND arm IN ({})"
        earlier = stored.format("main.assignment", "contact_id", known)
        present = stored.format("temp.assign", "cid", known)
        self.moves.run(
            f"UPDATE temp.token AS t SET decided = coalesce(({earlier}), ({present}), split_arm(t.node, c.email))"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        self.moves.run(
            f"INSERT OR REPLACE INTO temp.assign SELECT t.cid, :split, t.decided FROM temp.token t WHERE {where}",
            parameters,
        )
        self.moves.note("split", where, parameters)
        self._follow_ways(node, where)

    def _wait_for(self, node: int, step: WaitFor) -> None:
        where, parameters = self._here(node)
        self.moves.run(
            "UPDATE temp.token AS t SET due = wait_end(t.anchor, t.node, c.zone)"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        scope = wait_scope(step, self.moves.world.scope)
        holds = compile_condition(step.condition.body, scope, parameters)
        facts = facts_sql((step.condition,), scope, parameters)
        self.moves.run(
            f"UPDATE temp.token AS t SET decided = CASE WHEN {holds} THEN 'then' WHEN t.due <= :now THEN 'else' END"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        over = f"{where} AND t.decided IS NOT NULL"
        outcome = "iif(t.decided = 'then', 'met', 'time-out')"
        self.moves.note("wait_for", over, parameters, outcome=outcome, facts=facts)
        wake = f"min(coalesce(t.due, {NEVER}), {next_change(step.condition.body, scope, parameters)})"
        self.moves.run(
            f"UPDATE temp.token AS t SET doing = {WAITS}, wake = nullif({wake}, {NEVER})"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where} AND t.decided IS NULL",
            parameters,
        )
        for name in ("then", "else"):
            way = Parameters(node=node, way=name, target=self.moves.world.way(node, name))
            anchor = "min(:now, coalesce(t.due, :now))"
            self.moves.advance(f"{where} AND t.decided = :way", ":target", way, anchor)

    def _stream(self, node: int, step: Stream) -> None:
        """Leave a stream when `until` holds; else wait until its next item is due; else send the first eligible one."""
        where, parameters = self._here(node)
        due = "CASE WHEN t.items_sent = 0 THEN t.anchor ELSE wait_end(t.anchor, t.node, c.zone) END"
        until, facts, wake = "0", "'{}'", "t.due"
        if step.until is not None:
            until = compile_condition(step.until.body, self.moves.world.scope, parameters)
            facts = facts_sql((step.until,), self.moves.world.scope, parameters)
            wake = f"min(t.due, {next_change(step.until.body, self.moves.world.scope, parameters)})"
        self.moves.run(
            f"UPDATE temp.token AS t SET due = {due}, decided = CASE WHEN {until} THEN 'until' END"
            f" FROM temp.contact_now c WHERE c.id = t.cid AND {where}",
            parameters,
        )
        self.moves.run(
            f"UPDATE temp.token AS t SET doing = {WAITS}, wake = {wake}, asset = NULL FROM temp.contact_now c"
            f" WHERE c.id = t.cid AND {where} AND t.decided IS NULL AND t.due > :now",
            parameters,
        )
        self._pick(node, step, where)
        self.moves.run(
            f"UPDATE temp.token AS t SET doing = {WANTS} WHERE {where} AND t.decided IS NULL AND t.asset IS NOT NULL",
            parameters,
        )
        self.moves.run(
            f"UPDATE temp.token AS t SET decided = '{NOTHING_LEFT}' WHERE {where} AND t.decided IS NULL", parameters
        )
        self.moves.note("stream", where, parameters, facts=facts)
        if self.moves.world.is_last(node):
            # The last step: a contact who has received everything stays at it, and goes on when an item is added.
            self.moves.run(
                f"UPDATE temp.token AS t SET doing = {EXHAUSTED} WHERE {where} AND t.decided = '{NOTHING_LEFT}'",
                parameters,
            )
        self.moves.advance(
            f"{where} AND t.decided IS NOT NULL", "n.next", parameters, "iif(t.decided = 'until', :now, t.due)"
        )

    def _pick(self, node: int, step: Stream, where: str) -> None:
        self.moves.run(f"UPDATE temp.token AS t SET asset = NULL WHERE {where}", Parameters(node=node))
        for item in step.offers:
            parameters = Parameters(node=node, item=item.asset)
            holds = "1"
            if item.condition is not None:
                holds = compile_condition(item.condition.body, self.moves.world.scope, parameters)
            received = RECEIVED.format(otherwise="x.enrollment_id = t.tid")
            self.moves.run(
                f"""
                UPDATE temp.token AS t SET asset = :item
                FROM temp.contact_now c, temp.asset a, temp.campaign k
                WHERE c.id = t.cid AND a.name = :item AND k.campaign_id = t.campaign_id AND {where}
                  AND t.decided IS NULL AND t.asset IS NULL AND (a.expires IS NULL OR a.expires > :now)
                  AND (c.role IS NULL OR NOT EXISTS (SELECT 1 FROM temp.audience WHERE asset = :item)
                       OR c.role IN (SELECT role FROM temp.audience WHERE asset = :item))
                  AND {holds} AND NOT {received}
                """,
                parameters,
            )

    def _exit(self, node: int, step: Exit) -> None:
        where, parameters = self._here(node)
        parameters["ended"] = f"{End.STEP}: {step.reason}"
        self.moves.note("ended", where, parameters, outcome=":ended")
        self.moves.run(f"UPDATE temp.token AS t SET doing = {ENDED}, ended = :ended WHERE {where}", parameters)

    def _set(self, node: int, step: SetFacts) -> None:
        where, parameters = self._here(node)
        self.moves.run(f"UPDATE temp.token AS t SET chosen = 1 WHERE {where}", parameters)
        contacts = "SELECT cid FROM temp.token WHERE chosen = 1"
        self.moves.note("set", where, parameters, outcome="'set'")
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
            self.moves.run(f"UPDATE temp.contact_now SET {change}, touched = 1 WHERE id IN ({contacts})", parameters)
        for tag, present in (*((tag, 1) for tag in step.tags), *((tag, 0) for tag in step.untags)):
            name = parameters.bind(tag)
            self.moves.run(
                f"INSERT OR REPLACE INTO temp.tag_delta SELECT cid, {name}, {present} FROM ({contacts})", parameters
            )
        self.moves.advance("t.chosen = 1", "n.next")
        self.moves.refresh(contacts, Parameters())
        self.moves.db.execute("UPDATE temp.token SET chosen = 0 WHERE chosen = 1")

    def _stage(self, node: int, step: MoveStage) -> None:
        where, parameters = self._here(node)
        stage = parameters.bind(step.stage)
        self.moves.note(
            "stage", where, parameters, outcome=f"iif({earlier_stage(stage)}, {stage}, 'stays ' || c.stage)"
        )
        cause = f"{self.moves.world.campaigns[self.moves.world.nodes[node][0]].name}/{step.id}"
        # The step is done before the stage changes: coming back, the contact goes on behind it.
        self.moves.run(f"UPDATE temp.token AS t SET chosen = 1 WHERE {where}", parameters)
        self.moves.advance("t.chosen = 1", "n.next")
        self.moves.set_stage(step.stage, cause, "SELECT cid FROM temp.token WHERE chosen = 1", Parameters())
        self.moves.db.execute("UPDATE temp.token SET chosen = 0 WHERE chosen = 1")

    def _hand_to_sales(self, node: int, step: Handoff) -> None:
        """Hand the contact to Sales, if it is ready; those handed over leave, the others go on behind the step."""
        where, parameters = self._here(node)
        self.moves.run(f"UPDATE temp.token AS t SET chosen = 1 WHERE {where}", parameters)
        contacts = "SELECT cid FROM temp.token WHERE chosen = 1"
        cause = f"{self.moves.world.campaigns[self.moves.world.nodes[node][0]].name}/{step.id}"
        self.moves.hand_to_sales(contacts, cause, Parameters())
        handed = f"iif({WITH_SALES.format('t.cid')}, 'handed to Sales', 'not ready for Sales')"
        self.moves.note("handoff", "t.chosen = 1", Parameters(), outcome=handed)
        self.moves.advance("t.chosen = 1", "n.next")
        self.moves.refresh(contacts, Parameters())
        self.moves.db.execute("UPDATE temp.token SET chosen = 0 WHERE chosen = 1")


def wait_scope(step: WaitFor, scope: Scope) -> Scope:
    """The scope for the condition of a wait: until its time-out at the latest, with the events that `since:` allows."""
    asked = replace(scope, ceiling="min(:now, coalesce(t.due, :now))")
    match step.since:
        case Since.EVER:
            return asked
        case Since.ENTRY:
            return asked.since("t.entered")
        case Since.ARRIVAL:
            return asked.since("t.anchor")


def _path(name: str) -> str:
    return f'$."{name}"'
