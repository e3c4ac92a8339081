"""Buyer stages in a plan: which contacts the radar notices, which move forward, go to Sales, or end their rest.

The funnel comes before the campaigns, so that a changed stage has its effect in the same plan. Everything is decided
in temporary tables; `runner/apply_funnel.py` writes it down.
"""

from __future__ import annotations

import json
from dataclasses import replace

from nurture_cli.campaign.funnel import Funnel, Signal, Stage
from nurture_cli.campaign.model import Campaign, Objective
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import CHANGED, EVERYBODY, load_companies, look_at_companies
from nurture_cli.planner.compile import compile_condition, facts_sql, looks_at_company, uses_events
from nurture_cli.planner.fingerprints import criteria_hashes, scoring_hash
from nurture_cli.planner.planned_contacts import AS_PLANNED, PlannedRows, copy_contacts
from nurture_cli.planner.scores import JOINS, responded
from nurture_cli.planner.standing import load_standing
from nurture_cli.planner.tokens import NEWS
from nurture_cli.planner.wakes import are_known, stages_found_by_time
from nurture_cli.planner.world import World
from nurture_cli.reasons import End
from nurture_cli.store.database import Connection

# With Sales, or handed to Sales by this plan.
WITH_SALES = (
    "({0} IN (SELECT cid FROM temp.handing)"
    " OR EXISTS (SELECT 1 FROM main.handoff h WHERE h.contact_id = {0} AND h.closed_at IS NULL"
    " AND h.id NOT IN (SELECT hid FROM temp.sold)))"
)
# At rest after Sales returned it.
RESTING = (
    "EXISTS (SELECT 1 FROM main.recycling g WHERE g.contact_id = {0} AND g.closed_at IS NULL"
    " AND g.id NOT IN (SELECT recycling_id FROM temp.comeback))"
)

# What happened to contact c before this is history: it was imported together with the contact, or with the first list.
# The day is for lists that arrive once a day.
KNOWN_SINCE = "max((SELECT i.created_at FROM main.instance i), c.created_at - 86400)"


def barriers(campaign: Campaign, contact: str, stage: str) -> list[tuple[End, str]]:
    """What keeps a contact out of a campaign, or ends its enrollment, whatever the file says.

    Pairs of an end and of SQL that says when it holds; the first that holds counts. `contact` and `stage` are SQL for
    the contact's id and its stage.
    """
    found = [(End.RECYCLED, RESTING.format(contact))]
    if not campaign.with_sales:
        found.append((End.HANDOFF, WITH_SALES.format(contact)))
    if campaign.objective is Objective.NEW:
        found.append((End.WON, f"{stage} IN (SELECT stage FROM temp.bought)"))
    return found


def _judged_anew(db: Connection, world: World, seen: str) -> frozenset[str]:
    """The stages for which everybody is judged: their criteria were edited, or time moves them in another way."""
    present, before = json.loads(criteria_hashes(world)), json.loads(seen or "{}")
    names = [stage.name for stage in world.config.funnel.stages if stage.criteria is not None]
    if present[""] != before.get(""):
        return frozenset(names)
    edited = {name for name in names if present[name] != before.get(name)}
    return frozenset(edited) | (frozenset[str]() if are_known(db, world) else stages_found_by_time(world))


def judge(db: Connection, world: World, at: int, *, only: int | None) -> None:
    """Bring scores up to date, notice signals, move contacts: those in `temp.dirty`, or everybody where the file asks.

    `only` is the one contact that is looked at, if the plan is made for one.
    """
    seen = db.execute("SELECT scoring, criteria FROM main.funnel_seen").fetchone() or ("", "")
    anew = frozenset[str]() if only is not None else _judged_anew(db, world, seen[1])
    of_company, edited = look_at_companies(world.conditions), seen[0] != scoring_hash(world)
    if only is None:
        load_standing(db, world, at, among=None if edited else CHANGED)
    elif of_company:  # what is new about colleagues counts, too
        load_standing(db, world, at, among=None if edited else f"{CHANGED} UNION {NEWS}")
    else:
        load_standing(db, world, at, among=CHANGED)
    if of_company:
        if only is None:
            _wake_colleagues(db)
        everybody = bool(anew) and look_at_companies(world.criteria)  # criteria are asked of all
        load_companies(db, world, at, EVERYBODY if everybody else CHANGED)
    judging = _Judging(db, world, at)
    if world.config.funnel.radar:
        _note_active(db, at)
    for signal in world.config.funnel.radar:
        judging.notice(signal)
    judging.forward(anew)
    db.execute("INSERT OR IGNORE INTO temp.dirty SELECT cid FROM temp.stage_change")
    judging.close_sold()
    judging.hand_to_sales()
    judging.end_rests()


def _wake_colleagues(db: Connection) -> None:
    """Look at everybody of a company about one of whose people something is new, other than what we sent."""
    # Scores do not tell of every response: of many on one day they count the first.
    db.execute(
        """
        INSERT OR IGNORE INTO temp.dirty
        WITH news AS (
          SELECT s.contact_id, s.company FROM temp.standing s LEFT JOIN main.standing o ON o.contact_id = s.contact_id
          WHERE (s.heat, s.company, s.weight) IS NOT (o.heat, o.company, o.weight)
            OR s.contact_id IN (SELECT contact_id FROM main.change WHERE run_id IS NULL))
        SELECT m.contact_id FROM main.standing m WHERE m.company IN (
          SELECT company FROM news WHERE company IS NOT NULL
          UNION SELECT o.company FROM main.standing o WHERE o.contact_id IN (SELECT contact_id FROM news))
        """
    )


def _note_active(db: Connection, at: int) -> None:
    """Note who of the contacts about whom something is new has done something since it became known."""
    db.execute(
        f"""
        INSERT INTO temp.active (cid) SELECT c.id FROM main.contact c
        WHERE c.id IN (SELECT cid FROM temp.dirty)
          AND EXISTS (SELECT 1 FROM main.event e
                      WHERE e.contact_id = c.id AND e.machine = 0 AND e.at >= {KNOWN_SINCE} AND e.at <= :now)
        """,
        {"now": at},
    )


class _Judging:
    """Judges the contacts of one plan, at one instant."""

    def __init__(self, db: Connection, world: World, at: int) -> None:
        self.db, self.world, self.at = db, world, at
        self.funnel: Funnel = world.config.funnel

    def notice(self, signal: Signal) -> None:
        """Note the contacts that show a signal and did not lately; give them its task and move them to its stage.

        A signal that rests on history alone moves contacts, and is told of nobody.
        """
        parameters = Parameters(now=self.at, signal=signal.name, quiet=signal.quiet)
        news = self._news(signal)
        moves = "1" if signal.stage is not None else "0"
        holds = compile_condition(signal.condition.body, self.world.scope, parameters)
        facts = facts_sql((signal.condition,), self.world.scope, parameters)
        noticed = self.db.execute(
            f"""
            INSERT INTO temp.alert (cid, signal, history, facts)
            SELECT c.id, :signal, NOT {news}, {facts} FROM main.contact c
            WHERE c.id IN (SELECT cid FROM temp.dirty) AND ({moves} OR {news}) AND {holds}
              AND NOT EXISTS (SELECT 1 FROM main.alert a
                              WHERE a.contact_id = c.id AND a.signal = :signal AND a.at > :now - :quiet
                                AND (a.history = 0 OR NOT {news}))
            """,
            parameters,
        ).rowcount
        if not noticed:
            return
        if signal.task is not None:
            self.db.execute(
                "INSERT INTO temp.todo (key, cid, title, body)"
                " SELECT 'radar/' || signal || '/' || cid || '/' || ?, cid, ?, facts FROM temp.alert"
                " WHERE signal = ? AND history = 0",
                (self.at, signal.task, signal.name),
            )
        if signal.stage is not None:
            told_of = "SELECT cid FROM temp.alert WHERE signal = :signal"
            copy_contacts(self.db, told_of, parameters)
            noted = "(SELECT told.facts FROM temp.alert told WHERE told.cid = c.id AND told.signal = :signal)"
            move_forward(self.db, self.world, signal.stage, told_of, f"radar/{signal.name}", parameters, noted)

    def _news(self, signal: Signal) -> str:
        """Whether something happened to contact c, or at its company, that was not history when it became known."""
        body = signal.condition.body
        if not uses_events(body):
            return "1"
        own = "c.id IN (SELECT cid FROM temp.active)"
        if not looks_at_company(body):
            return own
        return (
            f"({own} OR EXISTS (SELECT 1 FROM temp.present s JOIN temp.company_response r ON r.name = s.company"
            f" WHERE s.contact_id = c.id AND r.at >= {KNOWN_SINCE}))"
        )

    def forward(self, anew: frozenset[str]) -> None:
        """Move each contact to the furthest later stage whose criteria it meets.

        For the stages in `anew` everybody is judged, for the others only contacts about whom something changed: the
        rest did not meet their criteria before, and nothing can have made them do so.
        """
        stages = self.funnel.stages
        judged = [  # a gate right before another gate is nobody's target: the contact must pass the next one too
            (rank, stage)
            for rank, stage in enumerate(stages)
            if stage.criteria is not None and not (stage.is_gate and stages[rank + 1].is_gate)
        ]
        some = [(rank, stage) for rank, stage in judged if stage.name in anew]
        for rows in AS_PLANNED:
            self._find(judged, rows, "c.id IN (SELECT cid FROM temp.dirty)")
            self._find(some, rows, "c.id NOT IN (SELECT cid FROM temp.dirty)")
        targets = self.db.execute("SELECT DISTINCT target FROM temp.forward ORDER BY target").fetchall()
        for (number,) in targets:
            self._carry(number)

    def _find(self, judged: list[tuple[int, Stage]], rows: PlannedRows, among: str) -> None:
        """Note the target of each of these contacts that meets criteria."""
        if not judged:
            return
        parameters = Parameters(now=self.at)
        rank = "coalesce(r.rank, -1)"
        cases = "".join(
            f" WHEN {rank} {'<=' if stage.is_gate else '<'} {number}"  # nobody stays at a gate
            f" AND {self._passes(number, stage, rank, parameters)} THEN {number}"
            for number, stage in reversed(judged)
        )
        self.db.execute(
            f"INSERT INTO temp.forward (cid, target) SELECT id, target FROM ("
            f"SELECT c.id, CASE{cases} END AS target FROM {rows.table} c{JOINS}"
            f" WHERE {rows.among} AND {among} AND {rank} <= {judged[-1][0]}"
            f" AND {self._not_at_rest(parameters)}) WHERE target IS NOT NULL",
            parameters,
        )

    def _passes(self, number: int, stage: Stage, rank: str, parameters: Parameters) -> str:
        """Whether a contact meets the criteria for a move to a stage; gates that it has passed are not asked again."""
        parts = []
        for at, one in reversed(self.funnel.asked(number)):
            assert one.criteria is not None
            holds = compile_condition(one.criteria.body, replace(self.world.scope, joined=True), parameters)
            parts.append(holds if at == number else f"({rank} > {at} OR {holds})")
        if self.funnel.hands_over(stage):
            parts.append(ready(self.world))
        return "(" + " AND ".join(parts) + ")"

    def _not_at_rest(self, parameters: Parameters) -> str:
        """Whether Sales never returned the contact, or it has responded since."""
        newer = responded("c", "e.at > g.at AND e.at <= :now", self.world.scope.scores, parameters)
        return f"NOT EXISTS (SELECT 1 FROM main.recycling g WHERE g.contact_id = c.id AND NOT {newer})"

    def _carry(self, number: int) -> None:
        """Move the contacts whose target is this stage, and on to the next when it is a gate, with the facts seen."""
        chosen = f"SELECT cid FROM temp.forward WHERE target = {int(number)}"
        stage = self.funnel.stages[number]
        assert stage.criteria is not None
        parameters = Parameters(now=self.at)
        copy_contacts(self.db, chosen)
        facts = facts_sql((stage.criteria,), self.world.scope, parameters)
        move_forward(self.db, self.world, stage.name, chosen, "criteria", parameters, facts)
        while self.funnel.stages[number].is_gate:
            number += 1
            passing = Parameters(now=self.at)
            move_forward(self.db, self.world, self.funnel.stages[number].name, chosen, "criteria", passing)

    def close_sold(self) -> None:
        """Note the open hand-offs of contacts who have bought, whether Sales said so or not: they are won."""
        for rows in AS_PLANNED:
            self.db.execute(
                f"INSERT INTO temp.sold (hid, cid) SELECT h.id, c.id FROM {rows.table} c"
                f" JOIN main.handoff h ON h.contact_id = c.id AND h.closed_at IS NULL WHERE {rows.among}"
                " AND c.id IN (SELECT cid FROM temp.dirty) AND c.stage IN (SELECT stage FROM temp.bought)"
            )

    def hand_to_sales(self) -> None:
        """Note each contact that arrived in a stage that hands over, once for each arrival."""
        for stage in self.funnel.stages:
            if stage.handoff:
                for rows in AS_PLANNED:
                    self.db.execute(
                        f"INSERT OR IGNORE INTO temp.handing (cid, cause, stage) SELECT c.id, :cause, c.stage"
                        f" FROM {rows.table} c WHERE {rows.among}"
                        " AND c.id IN (SELECT cid FROM temp.dirty) AND c.stage = :stage"
                        f" AND {ready(self.world)} AND NOT EXISTS (SELECT 1 FROM main.handoff h"
                        "  WHERE h.contact_id = c.id AND (h.closed_at IS NULL OR h.at >= c.stage_at))",
                        {"cause": f"stage {stage.name}", "stage": stage.name},
                    )

    def end_rests(self) -> None:
        """Note the contacts whose rest is over: its time has passed, or they moved on by themselves."""
        copy_contacts(self.db, "SELECT cid FROM temp.stage_change")
        self.db.execute(
            """
            INSERT INTO temp.comeback (recycling_id, cid, campaign_id, why)
            SELECT g.id, g.contact_id, k.campaign_id,
              iif(coalesce(planned.stage_at, c.stage_at) > g.at, 'moved on', 'rested')
            FROM main.recycling g JOIN main.contact c ON c.id = g.contact_id
            LEFT JOIN temp.contact_now planned ON planned.id = c.id
            LEFT JOIN temp.campaign k ON k.name = g.campaign
            WHERE g.closed_at IS NULL AND g.contact_id IN (SELECT cid FROM temp.dirty)
              AND (g.rest_until <= :now OR coalesce(planned.stage_at, c.stage_at) > g.at)
            """,
            {"now": self.at},
        )


def ready(world: World) -> str:
    """Whether contact c may be handed to Sales: it has responded and, where the project has rules of fit, fits."""
    fits = " AND s.fit > 0" if world.config.funnel.fit else ""
    return f"EXISTS (SELECT 1 FROM temp.present s WHERE s.contact_id = c.id AND s.responses > 0{fits})"


def move_forward(
    db: Connection, world: World, stage: str, contacts: str, cause: str, parameters: Parameters, facts: str = "'{}'"
) -> int:
    """Move these contacts forward to a stage; those who are there already, or further, stay. Returns how many moved.

    They are in temp.contact_now already, and `facts` is SQL over that row, c. Only contacts who are ready for Sales
    move into a stage that hands over.
    """
    target = parameters.bind(stage)
    moved = f"c.id IN ({contacts}) AND {earlier_stage(target)}"
    if world.config.funnel.by_name[stage].handoff:
        moved += f" AND {ready(world)}"
    version = parameters.bind(world.config.funnel.version)
    db.execute(
        "INSERT INTO temp.stage_change (cid, old, new, cause, version, facts)"
        f" SELECT c.id, c.stage, {target}, {parameters.bind(cause)}, {version}, {facts}"
        f" FROM temp.contact_now c WHERE {moved}",
        parameters,
    )
    furthest = f"iif({_rank(target)} >= {_rank('c.furthest_stage')}, '', c.furthest_stage)"
    return db.execute(
        f"UPDATE temp.contact_now AS c SET stage = {target}, stage_at = :now, touched = 1, furthest_stage = {furthest}"
        f" WHERE {moved}",
        parameters,
    ).rowcount


def earlier_stage(stage: str) -> str:
    """Whether contact c is in a stage before this one; a stage that is not in the list is before all others."""
    return f"{_rank('c.stage')} < (SELECT r.rank FROM temp.stage_rank r WHERE r.stage = {stage})"


def _rank(stage: str) -> str:
    """The place of a stage in the list, counted from 0; -1 for one that is not in it."""
    return f"coalesce((SELECT r.rank FROM temp.stage_rank r WHERE r.stage = {stage}), -1)"
