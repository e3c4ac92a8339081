"""Tokens: the enrollments that a plan looks at, each on its way through its campaign.

Work is proportional to what is due or new: enrollments whose time has come (indexed), contacts about whom something
changed, campaigns whose file changed. Who enters a campaign, as a new token, is decided in `entering.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import load_companies, look_at_companies
from nurture_cli.planner.fingerprints import run_hash
from nurture_cli.planner.limits import bring_along, choose_waiting
from nurture_cli.planner.planned_contacts import copy_contacts
from nurture_cli.planner.world import World
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection

# What a token is doing: column `doing`.
GOES = 0  # it takes its next step in this plan
WAITS = 1  # for an instant, or for something to happen
WANTS = 2  # it has something to send
RESTS = 3  # its contact's stage has no steps
EXHAUSTED = 4  # it has received everything that its campaign sends
ENDED = 5
STUCK = 6  # its step is no longer in the file, or it goes round in a loop

# What is still to be looked at before it takes a step: column `fresh`.
SEEN = 0  # nothing
FRESH = 1  # exit, goal, stage and rules: something about its contact is new
RULES_LEFT = 2  # the rules alone

# Contacts about whom something changed, or who are new, since a run last looked.
NEWS = (
    "SELECT contact_id FROM main.change"
    " UNION SELECT id FROM main.contact WHERE id > (SELECT contact_cursor FROM main.instance)"
)

# The node of a stored place (step, done) in the present files: the step, or the one that follows it.
PRESENT_NODE = "CASE WHEN e.step_done = 1 THEN n.next ELSE n.node END"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest change and the newest contact that a plan has seen; `run` marks exactly those as seen."""

    change: int
    contact: int


def take_snapshot(db: Connection) -> Snapshot:
    """How far the store reaches now."""
    change, contact = db.execute(
        "SELECT coalesce((SELECT max(id) FROM main.change), 0), coalesce((SELECT max(id) FROM main.contact), 0)"
    ).fetchone()
    return Snapshot(change, contact)


def load_dirty(db: Connection, at: int, *, only: int | None) -> None:
    """Note the contacts about whom something is new: changed, added, or waited for until now; or `only` the one."""
    if only is not None:
        db.execute("INSERT INTO temp.dirty VALUES (?)", (only,))
        return
    db.execute(f"INSERT OR IGNORE INTO temp.dirty {NEWS}")
    db.execute(  # contacts whose rest after Sales returned them is over
        "INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.recycling INDEXED BY recycling_wake"
        " WHERE closed_at IS NULL AND rest_until <= ?",
        (at,),
    )
    db.execute(  # contacts of whom time alone may have changed something
        "INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.contact_wake INDEXED BY contact_wake_at"
        " WHERE at <= ?",
        (at,),
    )
    db.execute(  # contacts who left a campaign that now lets them in again
        "INSERT OR IGNORE INTO temp.dirty SELECT contact_id FROM main.enrollment"
        " INDEXED BY enrollment_wake WHERE wake_at IS NOT NULL AND wake_at <= ? AND ended_at IS NOT NULL",
        (at,),
    )


def choose(db: Connection, world: World, at: int, *, only: int | None, times: int) -> None:
    """Note the enrollments and requests to look at: those of contacts in `temp.dirty`, and those whose time has come.

    Of those behind the limit of a channel, `times` as many as it has room for.
    """
    db.execute(  # not a join: SQLite would scan every enrollment for a Bloom filter
        "INSERT INTO temp.looked_at SELECT id FROM main.enrollment INDEXED BY enrollment_one_open"
        " WHERE ended_at IS NULL AND contact_id IN (SELECT cid FROM temp.dirty)"
    )
    db.execute(
        "INSERT INTO temp.looked_at_request SELECT r.id FROM temp.dirty d CROSS JOIN main.request r"
        " INDEXED BY request_by_contact ON r.contact_id = d.cid WHERE r.state = 'open' AND r.requested_at <= ?",
        (at,),
    )
    if only is not None:
        return
    db.execute(
        "INSERT OR IGNORE INTO temp.looked_at SELECT id FROM main.enrollment INDEXED BY enrollment_wake"
        " WHERE wake_at IS NOT NULL AND wake_at <= ? AND ended_at IS NULL",
        (at,),
    )
    db.execute(
        "INSERT OR IGNORE INTO temp.looked_at_request SELECT id FROM main.request INDEXED BY request_open"
        " WHERE state = 'open' AND wake_at <= ?",
        (at,),
    )
    db.execute(  # the files may free them
        "INSERT OR IGNORE INTO temp.looked_at_request SELECT id FROM main.request INDEXED BY request_open"
        f" WHERE state = 'open' AND held_reason IN ('{Hold.FAILED}', '{Hold.CAP}')"
    )
    seen = dict(db.execute("SELECT name, file_hash FROM main.campaign_seen").fetchall())
    for campaign in world.campaigns:
        changed = campaign.name in seen and seen[campaign.name] != run_hash(world, campaign)
        # A changed template may let a failed touch go out after all.
        which = "" if changed else f" AND state = 'held' AND held_reason = '{Hold.FAILED}'"
        db.execute(
            "INSERT OR IGNORE INTO temp.looked_at SELECT id FROM main.enrollment INDEXED BY enrollment_state"
            f" WHERE ended_at IS NULL AND campaign = ?{which}",
            (campaign.name,),
        )
    choose_waiting(db, world, at, times)


def load_tokens(db: Connection) -> None:
    """Make a token of each enrollment that is looked at, with what else waits of its contact."""
    bring_along(db)
    _make_tokens(db)


def bring_others(db: Connection, contacts: str, parameters: Parameters) -> None:
    """Look at all other enrollments of these contacts (SQL that selects ids), too: something about them changes."""
    db.execute(
        "INSERT OR IGNORE INTO temp.looked_at SELECT id FROM main.enrollment INDEXED BY enrollment_one_open"
        f" WHERE ended_at IS NULL AND contact_id IN ({contacts})",
        parameters,
    )
    _make_tokens(db)


def _make_tokens(db: Connection) -> None:
    """Make a token of each enrollment that is looked at and has none."""
    db.execute(
        f"""
        INSERT INTO temp.token (tid, cid, campaign_id, pass, entered, sequence, node, last_step, hop, items_sent,
                                anchor, doing, stuck, due, hop_before, done_before, held, held_since, held_until)
        SELECT e.id, e.contact_id, k.campaign_id, e.pass, e.entered_at, e.sequence, {PRESENT_NODE}, e.step,
               e.hop + e.step_done, iif(e.step_done = 1, 0, e.items_sent), e.anchor_at,
               iif(e.step IS NOT NULL AND n.node IS NULL, {STUCK}, {GOES}),
               iif(e.step IS NOT NULL AND n.node IS NULL, 'stranded', NULL),
               e.due_at, e.hop + e.step_done, e.step_done, e.held_reason, e.held_since, e.held_until
        FROM main.enrollment e
        CROSS JOIN temp.campaign k ON k.name = e.campaign
        LEFT JOIN temp.place p ON p.campaign_id = k.campaign_id AND p.step = e.step
        LEFT JOIN temp.node n ON n.node = p.node
        WHERE e.id IN (SELECT id FROM temp.looked_at WHERE id NOT IN (SELECT tid FROM temp.token))
        """
    )


def load_their_contacts(db: Connection, world: World, at: int) -> None:
    """Copy the contacts of all tokens, and work out their companies where a campaign asks about them."""
    if look_at_companies(world.inside_campaigns):
        load_companies(db, world, at, "SELECT cid FROM temp.token")
    copy_contacts(db, "SELECT cid FROM temp.token")
