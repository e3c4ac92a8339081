"""The working set of a plan: the enrollments to look at, who enters, and what is known about their contacts.

Work is proportional to what is due or new: enrollments whose time has come (indexed), contacts about whom something
changed, campaigns whose file changed. Everybody is looked at only where the file asks for it (`looks_at_everybody`,
back-fill, a new or edited entry rule).
"""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.campaign.model import Again, Campaign
from nurture_cli.planner import funnel
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import CHANGED, EVERYBODY, load_companies, look_at_companies
from nurture_cli.planner.compile import Scope, compile_condition
from nurture_cli.planner.world import World, at_the_door, enter_hash, inside, looks_at_everybody, run_hash
from nurture_cli.store.database import Connection

# What a token is doing: column `st`.
GOES, WAITS, WANTS, RESTS, EXHAUSTED, ENDED, STUCK = range(7)

# Where a stored place (step, done) stands in the present files: the step, or what follows it.
STANDING = "CASE WHEN e.step_done = 1 THEN n.next ELSE n.node END"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Up to where the store was looked at; `run` consumes exactly that much."""

    change: int
    contact: int


@dataclass(frozen=True, slots=True)
class Focus:
    """What a plan looks at: everything (None), or one contact whose every enrollment is looked at (`explain`).

    `scratch`: there was no earlier run, and every campaign counts as started before the first contact.
    """

    contact: int | None = None
    scratch: bool = False


def take_snapshot(db: Connection) -> Snapshot:
    """How far the store reaches now."""
    change, contact = db.execute(
        "SELECT coalesce((SELECT max(id) FROM main.change), 0), coalesce((SELECT max(id) FROM main.contact), 0)"
    ).fetchone()
    return Snapshot(change, contact)


def load_tokens(db: Connection, world: World, at: int, focus: Focus, snapshot: Snapshot) -> None:
    """Fill token, dirty and contact_now for a plan at instant `at`, with the stages judged first."""
    _load_dirty(db, at, focus, snapshot)
    funnel.judge(db, world, at, only=focus.contact)
    _load_enrolled(db, world, at, focus)
    some_dirty = db.execute("SELECT EXISTS (SELECT 1 FROM temp.dirty)").fetchone()[0] == 1
    for campaign_id, campaign in enumerate(world.campaigns):
        _enter(db, world, campaign_id, campaign, at, focus, some_dirty=some_dirty)
    _enter_tracks(db, at)
    if look_at_companies(one for some in map(inside, world.campaigns, world.graphs) for one in some):
        load_companies(db, world, at, "SELECT cid FROM temp.token")
    funnel.load_facts(db, "SELECT cid FROM temp.token")


def _load_dirty(db: Connection, at: int, focus: Focus, snapshot: Snapshot) -> None:
    if focus.contact is not None:
        db.execute("INSERT INTO temp.dirty VALUES (?)", (focus.contact,))
        return
    db.execute("INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.change WHERE id <= ?", (snapshot.change,))
    db.execute(
        "INSERT OR IGNORE INTO temp.dirty SELECT id FROM main.contact"
        " WHERE id > (SELECT contact_cursor FROM main.instance) AND id <= ?",
        (snapshot.contact,),
    )
    db.execute(  # those whose rest after they were given back is over
        "INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.recycling INDEXED BY recycling_wake"
        " WHERE closed_at IS NULL AND rest_until <= ?",
        (at,),
    )
    db.execute(  # those who left a campaign that lets them in again after a time
        "INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.enrollment"
        " INDEXED BY enrollment_wake WHERE wake_at IS NOT NULL AND wake_at <= ? AND ended_at IS NOT NULL",
        (at,),
    )


def _load_enrolled(db: Connection, world: World, at: int, focus: Focus) -> None:
    db.execute(  # not a join: SQLite would scan every enrollment for a Bloom filter
        "INSERT INTO temp.wanted SELECT id FROM main.enrollment INDEXED BY enrollment_one_open"
        " WHERE ended_at IS NULL AND contact_id IN (SELECT cid FROM temp.dirty)"
    )
    if focus.contact is None:
        db.execute(
            "INSERT OR IGNORE INTO temp.wanted SELECT id FROM main.enrollment INDEXED BY enrollment_wake"
            " WHERE wake_at IS NOT NULL AND wake_at <= ? AND ended_at IS NULL",
            (at,),
        )
        seen = dict(db.execute("SELECT name, file_hash FROM main.campaign_seen").fetchall())
        for campaign in world.campaigns:
            changed = campaign.name in seen and seen[campaign.name] != run_hash(world, campaign)
            # A changed template may let a failed touch go out after all.
            which = "" if changed else " AND state = 'held' AND held_reason = 'failed'"
            db.execute(
                "INSERT OR IGNORE INTO temp.wanted SELECT id FROM main.enrollment INDEXED BY enrollment_state"
                f" WHERE ended_at IS NULL AND campaign = ?{which}",
                (campaign.name,),
            )
    db.execute(
        f"""
        INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, sequence, node, last_step, hop, casts, anchor,
                                st, stuck, due, hop0, done0, was, held, held_since, held_until)
        SELECT e.id, e.contact_id, k.campaign_id, e.pass, e.entered_at, e.sequence, {STANDING}, e.step,
               e.hop + e.step_done, iif(e.step_done = 1, 0, e.casts), e.anchor_at,
               iif(e.step IS NOT NULL AND n.node IS NULL, {STUCK}, {GOES}),
               iif(e.step IS NOT NULL AND n.node IS NULL, 'stranded', NULL),
               e.due_at, e.hop + e.step_done, e.step_done, e.state, e.held_reason, e.held_since, e.held_until
        FROM main.enrollment e
        CROSS JOIN temp.campaign k ON k.name = e.campaign
        LEFT JOIN temp.place p ON p.campaign_id = k.campaign_id AND p.step = e.step
        LEFT JOIN temp.node n ON n.node = p.node
        WHERE e.id IN (SELECT id FROM temp.wanted)
        """
    )


def _enter(
    db: Connection, world: World, campaign_id: int, campaign: Campaign, at: int, focus: Focus, *, some_dirty: bool
) -> None:
    """Bring in those who may enter the campaign now, as new tokens with negative numbers."""
    seen = db.execute("SELECT enter_hash FROM main.campaign_seen WHERE name = ?", (campaign.name,)).fetchone()
    started = focus.scratch or (seen is not None and seen[0] == enter_hash(campaign))
    if not started and not campaign.enter.backfill:
        _pass_over(db, world, campaign_id, campaign, at, focus)
        return
    everybody = focus.contact is None and (not started or focus.scratch or looks_at_everybody(campaign))
    if not everybody and not some_dirty:
        return
    if look_at_companies(at_the_door(campaign)):
        load_companies(db, world, at, EVERYBODY if everybody else CHANGED)
    for source in funnel.SOURCES if _stages_changed(db) else (funnel.STORED,):
        _enter_from(db, world, campaign_id, campaign, at, source, everybody=everybody)


def _stages_changed(db: Connection) -> bool:
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM temp.stage_change)").fetchone()[0])


def _enter_from(
    db: Connection,
    world: World,
    campaign_id: int,
    campaign: Campaign,
    at: int,
    source: funnel.PlannedRows,
    *,
    everybody: bool,
) -> None:
    parameters = Parameters(now=at, campaign_id=campaign_id, name=campaign.name, newest=_newest(db))
    # IN, not a join: for a join SQLite may scan every contact to make a Bloom filter.
    among = "" if everybody else "c.id IN (SELECT cid FROM temp.dirty) AND "
    first = _holds(campaign, world.scope, parameters)
    anew = f"{_holds(campaign, world.scope.since('po.at'), parameters)} AND NOT {_static(campaign, world, parameters)}"
    leaves = [
        compile_condition(condition.body, world.scope, parameters)
        for condition in (campaign.exit, campaign.goal.condition if campaign.goal else None)
        if condition is not None
    ]
    guard = "".join(f" AND NOT {sql}" for sql in leaves)
    barred = " OR ".join(holds for _, holds in funnel.barriers(campaign, "c.id", "c.stage"))
    db.execute(
        f"""
        INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, hop, casts, anchor, st, was)
        SELECT :newest - row_number() OVER (ORDER BY c.id),
               c.id, :campaign_id, coalesce(z.pass, 0) + 1, :now, 0, 0, :now, {GOES}, 'new'
        FROM {source.table} c
        LEFT JOIN main.passed_over po ON po.campaign = :name AND po.contact_id = c.id
        LEFT JOIN main.enrollment z ON z.contact_id = c.id AND z.campaign = :name
             AND z.pass = (SELECT max(y.pass) FROM main.enrollment y WHERE y.contact_id = c.id AND y.campaign = :name)
        WHERE {source.among} AND {among}(z.id IS NULL OR z.ended_at IS NOT NULL) AND NOT ({barred})
          AND CASE WHEN z.id IS NOT NULL THEN {_again(campaign, world, parameters)}
                   WHEN po.at IS NOT NULL THEN {anew}
                   ELSE {first} END{guard}
        """,
        parameters,
    )
    db.execute(  # who no longer matches may come in when they match again
        f"""
        INSERT INTO temp.unpassing (campaign_id, cid)
        SELECT :campaign_id, c.id FROM {source.table} c
        WHERE {source.among} AND c.id IN (SELECT d.cid FROM temp.dirty d
                       WHERE EXISTS (SELECT 1 FROM main.passed_over po
                                     WHERE po.campaign = :name AND po.contact_id = d.cid))
          AND NOT {first}
        """,
        parameters,
    )


def _enter_tracks(db: Connection, at: int) -> None:
    """Bring those whose rest is over into the campaign that their track names."""
    db.execute(
        f"""
        INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, hop, casts, anchor, st, was)
        SELECT :newest - row_number() OVER (ORDER BY r.campaign_id, r.cid), r.cid, r.campaign_id,
               1 + (SELECT coalesce(max(y.pass), 0) FROM main.enrollment y
                    WHERE y.contact_id = r.cid AND y.campaign = k.name), :now, 0, 0, :now, {GOES}, 'new'
        FROM temp.comeback r JOIN temp.campaign k ON k.campaign_id = r.campaign_id
        WHERE r.why = 'rested'
          AND NOT EXISTS (SELECT 1 FROM temp.token t WHERE t.cid = r.cid AND t.campaign_id = r.campaign_id)
          AND NOT EXISTS (SELECT 1 FROM main.enrollment z
                          WHERE z.contact_id = r.cid AND z.campaign = k.name AND z.ended_at IS NULL)
        """,
        {"newest": _newest(db), "now": at},
    )


def _newest(db: Connection) -> int:
    """The number of the newest token of those who enter now: they count downwards from -1."""
    number: int = db.execute("SELECT coalesce(min(tid), 0) FROM temp.token WHERE tid < 0").fetchone()[0]
    return number


def _pass_over(db: Connection, world: World, campaign_id: int, campaign: Campaign, at: int, focus: Focus) -> None:
    """Note those who match before the first run of a campaign without back-fill."""
    parameters = Parameters(now=at, campaign_id=campaign_id, only=focus.contact)
    matches = _holds(campaign, world.scope, parameters)
    only = "" if focus.contact is None else " AND c.id = :only"
    if look_at_companies([campaign.enter.condition]):
        load_companies(db, world, at, EVERYBODY if focus.contact is None else CHANGED)
    db.execute(
        "INSERT INTO temp.passing (campaign_id, cid)"
        f" SELECT :campaign_id, c.id FROM main.contact c WHERE {matches}{only}",
        parameters,
    )


def _holds(campaign: Campaign, scope: Scope, parameters: Parameters) -> str:
    return compile_condition(campaign.enter.condition.body, scope, parameters)


def _static(campaign: Campaign, world: World, parameters: Parameters) -> str:
    """Whether the contact would match if nothing had ever happened: then no event brought them in."""
    return compile_condition(campaign.enter.condition.body, world.scope.without_events(), parameters)


def _again(campaign: Campaign, world: World, parameters: Parameters) -> str:
    """Whether a contact who was inside before may enter once more: an event counts once."""
    newly = _holds(campaign, world.scope.since("z.entered_at"), parameters)
    match campaign.enter.again:
        case Again.NEVER:
            return "0"
        case Again.EVERY:
            every = campaign.enter.every
            seconds = every.seconds if every else 0
            return f"(:now >= z.entered_at + {parameters.bind(seconds)} AND {newly})"
        case Again.ALWAYS:
            return f"({newly} AND NOT {_static(campaign, world, parameters)})"
