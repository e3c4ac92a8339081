"""The plan: who is due for which asset now, who is held back and why. One decision function, several readers.

`make_plan` only reads the store; what it decides stays in temporary tables of the connection, which `plan` and
`explain` show and `run` applies. So all three agree about one database at one instant. A run can still send less: it
first settles what a killed run left, its safeguards may stop it, and `recheck.py` looks again before each send.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nurture_cli.campaign.model import Verb
from nurture_cli.planner import funnel, policy
from nurture_cli.planner.entering import enter_campaigns
from nurture_cli.planner.limits import ORDER, missed_any
from nurture_cli.planner.sql_functions import SqlFunctions
from nurture_cli.planner.tables import empty_decisions, make_tables, owner
from nurture_cli.planner.tokens import (
    Snapshot,
    choose,
    load_dirty,
    load_their_contacts,
    load_tokens,
    take_snapshot,
)
from nurture_cli.planner.waves import move_all
from nurture_cli.planner.world import BRIEF, World, build_world, load_world
from nurture_cli.plural import how_many
from nurture_cli.project import Project
from nurture_cli.store.database import Connection

TO_SALES = "(to Sales)"  # where a brief has no campaign to be counted by


class Due(NamedTuple):  # a tuple, as there are many at a time: it is made in a fraction of a dataclass's time
    """One touch whose time has come, with nothing against it.

    `enrollment_id` is None for a request, and in a plan of a contact that only now enters its campaign (until `run`
    has applied the plan).
    """

    key: str
    contact_id: int
    email: str
    enrollment_id: int | None
    request_id: int | None
    campaign: str  # '' for a request
    step: str  # '' for a request
    hop: int
    asset: str
    family: str
    once_scope: str
    channel: str
    reaches_contact: bool
    due_at: int
    reason: str  # in words: why this is due
    stream: bool
    campaign_hash: str  # '' for a request
    asset_hash: str
    zone: str
    stage: str
    handoff_id: int | None = None  # of a brief; None until `run` has applied the plan


class Held(NamedTuple):
    """One touch whose time has come, held back by a policy; `until` is None when only a change frees it."""

    contact_id: int
    email: str
    campaign: str  # '' for a request
    step: str
    asset: str  # '' where the contact cannot move on from its step
    reason: str  # of the closed list `Hold`
    since: int
    until: int | None
    zone: str
    stage: str


class Move(NamedTuple):
    """A contact moves to another stage; `cause` is criteria, radar/<signal> or <campaign>/<step>."""

    contact_id: int
    email: str
    before: str
    stage: str
    cause: str


class Handed(NamedTuple):
    """A contact is handed to Sales."""

    contact_id: int
    email: str
    stage: str
    cause: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many, in all and by kind; `passed_over` counts the contacts that a campaign's first run leaves out."""

    due: int
    held: int
    entering: int
    ending: int
    due_by_campaign: dict[str, int] = field(default_factory=dict)
    due_by_asset: dict[str, int] = field(default_factory=dict)
    due_by_stage: dict[str, int] = field(default_factory=dict)
    held_by_reason: dict[str, int] = field(default_factory=dict)
    entering_by_campaign: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    stranded: dict[str, int] = field(default_factory=dict)  # 'campaign: step' -> contacts at it
    moving: dict[str, int] = field(default_factory=dict)  # stage -> contacts who move to it
    handed: int = 0  # to Sales
    returning: int = 0  # after a rest
    signals: dict[str, int] = field(default_factory=dict)  # of the radar


_WHAT_IS_DUE = """
    SELECT q.key, q.cid, c.email, iif(q.tid > 0, q.tid, NULL), q.rid, coalesce(k.name, ''), coalesce(n.step, ''), q.hop,
           q.asset, q.family, q.scope, q.channel, q.reaches, q.due,
           coalesce(n.kind, iif(q.rid IS NULL, 'brief', 'request')), coalesce(k.hash, ''), a.hash, c.zone, c.stage,
           q.hid
    FROM {candidates}
    JOIN temp.contact_now c ON c.id = q.cid
    JOIN temp.asset a ON a.name = q.asset
    LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id
    LEFT JOIN temp.node n ON n.node = q.node
    """
_DUE = _WHAT_IS_DUE.format(candidates="temp.candidate q")
_DUE_IN_QUEUE = _WHAT_IS_DUE.format(candidates="temp.queue CROSS JOIN temp.candidate q ON q.id = queue.candidate") + (
    " WHERE queue.rowid > ? ORDER BY queue.rowid"
)
_CAMPAIGN_OF_TOKEN = "JOIN temp.campaign k ON k.campaign_id = t.campaign_id"
ORDER_OF_DUE = ", ".join("q." + column for column in ORDER.split(", "))
_AT_A_TIME = 1000  # touches
# Behind the limit of a channel, a plan looks at so many times as many as may go out; then further, if that is too few.
LOOK_AHEAD, FURTHER = 2, 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided at instant `at`, in the temporary tables of `db`."""

    db: Connection
    world: World
    at: int
    snapshot: Snapshot
    counts: Counts

    def due(self) -> Iterator[Due]:
        """Everything due, in the order in which it goes out."""
        return map(self._due, self.db.execute(f"{_DUE} WHERE q.held IS NULL ORDER BY {ORDER_OF_DUE}"))

    def briefs(self) -> Iterator[Due]:
        """The briefs for Sales among what is due."""
        return map(
            self._due, self.db.execute(f"{_DUE} WHERE q.held IS NULL AND q.asset = ? ORDER BY {ORDER_OF_DUE}", (BRIEF,))
        )

    def due_in_queue(self) -> Iterator[Due]:
        """Everything due, for a caller that writes on the same connection between one touch and the next.

        A statement that is read bit by bit would hold on to the database as it was when it began.
        """
        self.db.execute(
            "INSERT INTO temp.queue (candidate)"
            f" SELECT q.id FROM temp.candidate q WHERE q.held IS NULL ORDER BY {ORDER_OF_DUE}"
        )
        last = 0
        while rows := self.db.execute(f"{_DUE_IN_QUEUE} LIMIT {_AT_A_TIME}", (last,)).fetchall():
            yield from map(self._due, rows)
            last += len(rows)

    def _due(self, row: tuple[Any, ...]) -> Due:
        (
            key, cid, email, tid, rid, campaign, step, hop, asset, family, scope, channel, reaches, due, kind,
            campaign_hash, asset_hash, zone, stage, hid,
        ) = row  # fmt: skip
        return Due(  # in the order of its fields
            key, cid, email, tid, rid, campaign, step, hop, asset, family, scope, channel, reaches == 1, due,
            reason_of(kind, campaign, step), kind == "stream", campaign_hash, asset_hash, zone or self.world.zone,
            stage, hid,
        )  # fmt: skip

    def held(self) -> Iterator[Held]:
        """Everything held back: what this plan looked at, by reason, then what it did not look at again."""
        looked_at = """
            SELECT q.cid, c.email, coalesce(k.name, ''), coalesce(n.step, t.last_step, ''), coalesce(q.asset, ''),
                   q.held, q.due, q.until, c.zone, c.stage
            FROM temp.candidate q
            JOIN temp.contact_now c ON c.id = q.cid
            LEFT JOIN temp.token t ON t.tid = q.tid
            LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id
            LEFT JOIN temp.node n ON n.node = q.node
            WHERE q.held IS NOT NULL ORDER BY q.held, q.due, q.campaign_id, q.cid
            """
        kept = f"""
            SELECT e.contact_id, c.email, e.campaign, e.step, coalesce(
                     (SELECT n.asset FROM temp.campaign k
                      JOIN temp.place p ON p.campaign_id = k.campaign_id AND p.step = e.step
                      JOIN temp.node n ON n.node = p.node WHERE k.name = e.campaign), ''),
                   e.held_reason, coalesce(e.due_at, e.held_since),
                   e.held_until, c.zone, c.stage
            FROM main.enrollment e INDEXED BY enrollment_state CROSS JOIN main.contact c ON c.id = e.contact_id
            WHERE {STILL_HELD} ORDER BY e.held_reason, e.id
            """
        asked = f"""
            SELECT r.contact_id, c.email, '', '', r.asset, r.held_reason, r.requested_at, r.held_until, c.zone, c.stage
            FROM main.request r JOIN main.contact c ON c.id = r.contact_id WHERE {STILL_HELD_REQUEST} ORDER BY r.id
            """
        yield from self._held(looked_at)
        for campaign in self.world.campaigns:
            yield from self._held(kept, campaign.name)
        yield from self._held(asked)

    def entering(self) -> frozenset[int]:
        """The contacts that this plan lets into a campaign, by id."""
        return frozenset(cid for (cid,) in self.db.execute("SELECT cid FROM temp.token WHERE tid < 0"))

    def moves(self) -> Iterator[Move]:
        """Every move of a contact to another stage, in order."""
        rows = self.db.execute(
            "SELECT m.cid, c.email, m.old, m.new, m.cause"
            " FROM temp.stage_change m JOIN temp.contact_now c ON c.id = m.cid"
            " ORDER BY m.n"
        )
        return map(Move._make, rows)

    def handed(self) -> Iterator[Handed]:
        """Everybody who is handed to Sales."""
        rows = self.db.execute(
            "SELECT h.cid, c.email, h.stage, h.cause FROM temp.handing h JOIN main.contact c ON c.id = h.cid ORDER BY 1"
        )
        return map(Handed._make, rows)

    def _held(self, sql: str, *bound: str) -> Iterator[Held]:
        for cid, email, campaign, step, asset, reason, since, until, zone, stage in self.db.execute(sql, bound):
            yield Held(cid, email, campaign, step, asset, reason, since, until, zone or self.world.zone, stage)


# Held by an earlier run and not looked at in this plan, because nothing changed and its time has not come. One
# campaign at a time: a join would make SQLite scan every enrollment for a Bloom filter.
STILL_HELD = "e.campaign = ? AND e.ended_at IS NULL AND e.state = 'held' AND e.id NOT IN (SELECT tid FROM temp.token)"
STILL_HELD_REQUEST = "r.state = 'open' AND r.held_reason IS NOT NULL AND r.id NOT IN (SELECT rid FROM temp.asked)"


def reason_of(kind: object, campaign: object, step: object) -> str:
    """Why a touch is due, in words."""
    match kind:
        case "request":
            return "asked for by the contact"
        case "brief":
            return "the brief for Sales"
        case Verb.STREAM:
            return f"the next of {campaign}: {step}"
        case _:
            return f"its turn in {campaign}: {step}"


Tell = Callable[[str], None]


def nobody_listens(what: str) -> None:
    """What a plan is busy with is of no interest."""


class Planner:
    """Makes plans of one sound project on one connection, an instant after the other.

    Its temporary tables, and with them SQLite's prepared statements, are kept from one plan to the next. It takes the
    connection over: plans that others made on it are forgotten. The connection may be a read-only one.
    """

    _numbers = itertools.count(1)

    def __init__(self, project: Project, db: Connection, tell: Tell = nobody_listens) -> None:
        self.project = project
        self._db = db
        self._tell = tell
        self._world = build_world(project)
        self._functions = SqlFunctions(self._world)
        self._number = next(Planner._numbers)

    def plan(self, at: int, *, only: int | None = None) -> Plan:
        """Decide, at instant `at`, what every contact is due for; the plan before is forgotten.

        `only` is the id of the one contact to look at, with each of its enrollments. The whole plan sees one snapshot.
        """
        db, world = self._db, self._world
        inside = bool(db.in_transaction)
        if not inside:
            db.execute("BEGIN")
        try:
            snapshot = take_snapshot(db)
            times = LOOK_AHEAD
            self._decide(at, only=only, times=times)
            while missed_any(db):
                times *= FURTHER
                self._decide(at, only=only, times=times)
            return Plan(db, world, at, snapshot, _count(db, world))
        finally:
            if not inside and db.in_transaction:  # a statement that was interrupted has ended it
                db.execute("COMMIT")

    def _decide(self, at: int, *, only: int | None, times: int) -> None:
        """Fill the temporary tables; `times` as many are looked at behind a limit as may go out."""
        db, world = self._db, self._world
        if owner(db) == self._number:
            empty_decisions(db)
        else:
            make_tables(db, self._number)
            load_world(db, world)
            self._functions.register(db)
        self._functions.at = at
        load_dirty(db, at, only=only)
        self._say("Judging {}", "temp.dirty", "contact")
        funnel.judge(db, world, at, only=only)
        choose(db, world, at, only=only, times=times)
        enter_campaigns(db, world, at, only=only)
        load_tokens(db)
        load_their_contacts(db, world, at)
        self._say("Taking {} through their campaigns", "temp.token", "enrollment")
        move_all(db, world, at)
        policy.load_candidates(db, at)
        self._say("Looking which of {} must wait", "temp.candidate", "touch", "touches")
        policy.hold_back(db, world, at)

    def _say(self, words: str, table: str, one: str, several: str | None = None) -> None:
        """Tell whoever listens what comes next, and of how many."""
        if self._tell is not nobody_listens:
            number = self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            self._tell(words.format(how_many(number, one, several)))


def make_plan(
    project: Project, db: Connection, at: int, *, only: int | None = None, tell: Tell = nobody_listens
) -> Plan:
    """The plan at one instant, by a planner that is not used again."""
    return Planner(project, db, tell).plan(at, only=only)


def _count(db: Connection, world: World) -> Counts:
    def number(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0])

    def by(sql: str, *bound: str) -> dict[str, int]:
        return dict(db.execute(sql, bound).fetchall())

    held = Counter(by("SELECT held, count(*) FROM temp.candidate WHERE held IS NOT NULL GROUP BY 1"))
    for present in world.campaigns:
        kept = f"FROM main.enrollment e INDEXED BY enrollment_state WHERE {STILL_HELD}"
        held.update(by(f"SELECT e.held_reason, count(*) {kept} GROUP BY e.held_reason", present.name))
    held.update(by(f"SELECT r.held_reason, count(*) FROM main.request r WHERE {STILL_HELD_REQUEST} GROUP BY 1"))
    campaigns, assets, stages = Counter[str](), Counter[str](), Counter[str]()
    due = db.execute(
        f"SELECT coalesce(k.name, iif(q.asset = '{BRIEF}', '{TO_SALES}', '')), q.asset, c.stage, count(*)"
        " FROM temp.candidate q JOIN temp.contact_now c ON c.id = q.cid"
        " LEFT JOIN temp.campaign k ON k.campaign_id = q.campaign_id LEFT JOIN temp.stage_rank s ON s.stage = c.stage"
        " WHERE q.held IS NULL GROUP BY s.rank, c.stage, 1, q.asset"
    )
    for campaign, asset, stage, count in due:
        campaigns[campaign] += count
        assets[asset] += count
        stages[stage] += count  # in the order of the stages
    return Counts(
        due=campaigns.total(),
        held=held.total(),
        entering=number("SELECT count(*) FROM temp.token WHERE tid < 0"),
        ending=number("SELECT count(*) FROM temp.token WHERE ended IS NOT NULL AND tid > 0"),
        due_by_campaign=dict(sorted(campaigns.items())),
        due_by_asset=dict(sorted(assets.items(), key=lambda one: (-one[1], one[0]))),
        due_by_stage=dict(stages),
        held_by_reason=dict(sorted(held.items())),
        entering_by_campaign=by(
            f"SELECT k.name, count(*) FROM temp.token t {_CAMPAIGN_OF_TOKEN} WHERE t.tid < 0 GROUP BY 1"
        ),
        passed_over=by(
            "SELECT k.name, count(*) FROM temp.passing p"
            " JOIN temp.campaign k ON k.campaign_id = p.campaign_id GROUP BY 1 ORDER BY 1"
        ),
        stranded=by(
            f"SELECT k.name || ': ' || t.last_step, count(*) FROM temp.token t {_CAMPAIGN_OF_TOKEN}"
            " WHERE t.stuck = 'stranded' GROUP BY 1 ORDER BY 1"
        ),
        moving=by(
            "SELECT c.stage, count(*) FROM temp.contact_now c JOIN temp.stage_rank s ON s.stage = c.stage"
            " WHERE c.id IN (SELECT cid FROM temp.stage_change) GROUP BY 1 ORDER BY s.rank"
        ),
        handed=number("SELECT count(*) FROM temp.handing"),
        returning=number("SELECT count(*) FROM temp.comeback"),
        signals=by("SELECT signal, count(*) FROM temp.alert WHERE history = 0 GROUP BY 1 ORDER BY 1"),
    )
