"""Forgotten contacts: too long in their stage, without a message for long, or in no campaign.

Reads only. Stages and scores are those that the last run left; what would be sent is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from nurture_cli.campaign.funnel import Owner, StageKind
from nurture_cli.campaign.model import Config
from nurture_cli.planner.bound import COUNTED_STATES
from nurture_cli.planner.companies import stored_scope
from nurture_cli.planner.criteria import Criterion, criteria_of, in_words, lacking, next_stage
from nurture_cli.planner.world import build_world
from nurture_cli.project import Project
from nurture_cli.reasons import Silence
from nurture_cli.store.database import Connection
from nurture_cli.timing import DAY, Duration, Unit, add

CHUNK = 500


class Promise(StrEnum):
    """What was promised to be over by a time."""

    STAGE = "stage"  # the stay in a stage of kind sla
    HANDOFF = "hand-off"  # the wait for the answer of Sales


class Breach(NamedTuple):
    """One promise that was not kept for one contact."""

    contact_id: int
    email: str
    stage: str
    promise: Promise
    owner: Owner | None
    since: int
    due: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """A breach, and what the contact lacks: of the criteria of `next_stage` those not met, the nearest first."""

    breach: Breach
    lacks: str
    next_stage: str | None
    missing: tuple[Criterion, ...]


class Silent(NamedTuple):
    """A contact to whom nothing was sent since an instant; `reason` is a hold reason, or one of `Silence`."""

    contact_id: int
    email: str
    stage: str
    since: int
    last_touch: int | None
    reason: str
    campaign: str  # '' where the reason is in none
    until: int | None


AN_ANSWER = "an answer from Sales"
NOTHING_ASKED = "a step, a rule or a person: no later stage has criteria"
NOTHING_LACKING = "nothing more: the next run moves it"


def breaches(db: Connection, config: Config, at: int, stage: str | None = None) -> list[Breach]:
    """Every promise that is broken at instant `at`, the oldest first; of all stages, or of one."""
    found = [one for one in _of_stages(db, config, at) if stage in (None, one.stage)]
    found += [one for one in _of_sales(db, config, at) if stage in (None, one.stage)]
    return sorted(found, key=lambda one: (one.due, one.email, one.promise))


def _of_stages(db: Connection, config: Config, at: int) -> Iterator[Breach]:
    for stage in config.funnel.stages:
        if stage.kind is not StageKind.SLA or stage.within is None:
            continue
        rows = db.execute(
            "SELECT id, email, stage_at FROM main.contact WHERE stage = ? AND stage_at < ?",
            (stage.name, at - _least(stage.within)),
        )
        for contact_id, email, since in rows:
            due = add(since, stage.within, config.zone, config.closed)
            if due < at:
                yield Breach(contact_id, email, stage.name, Promise.STAGE, stage.owner, since, due)


def _least(duration: Duration) -> int:
    """Seconds that a duration takes at the very least, so that SQL can leave out who cannot be meant."""
    return duration.amount if duration.unit is Unit.SECONDS else max(0, duration.amount - 1) * DAY


def _of_sales(db: Connection, config: Config, at: int) -> Iterator[Breach]:
    sales = config.funnel.sales
    promised = None if sales is None else sales.accept_within
    if promised is None:
        return
    rows = db.execute(
        "SELECT c.id, c.email, c.stage, h.at FROM main.handoff h INDEXED BY handoff_one_open"
        " CROSS JOIN main.contact c ON c.id = h.contact_id"
        " WHERE h.closed_at IS NULL AND h.state = 'open' AND h.at < ?",
        (at - _least(promised),),
    )
    for contact_id, email, stage, since in rows:
        due = add(since, promised, config.zone, config.closed)
        if due < at:
            yield Breach(contact_id, email, stage, Promise.HANDOFF, Owner.SALES, since, due)


def stuck(project: Project, db: Connection, at: int, found: Sequence[Breach]) -> Iterator[Stuck]:
    """What contacts with a broken promise still need, in the order given; looked up some at a time."""
    world = build_world(project)
    funnel = world.config.funnel
    criteria = [one.criteria for one in funnel.stages if one.criteria is not None]
    scope = stored_scope(db, world, at, criteria, among={one.contact_id for one in found})
    unanswered = {row[0] for row in db.execute(UNANSWERED)}
    for start in range(0, len(found), CHUNK):
        some = found[start : start + CHUNK]
        seen: dict[int, tuple[Criterion, ...]] = {}
        for stage in {one.stage for one in some}:
            following = next_stage(funnel, stage)
            if following is not None:
                ids = {one.contact_id for one in some if one.stage == stage} - unanswered
                seen |= criteria_of(db, following, funnel, scope, ids, at)
        for one in some:
            ahead = next_stage(funnel, one.stage)
            name = None if ahead is None else ahead.name
            yield _stuck(one, name, seen.get(one.contact_id), unanswered=one.contact_id in unanswered)


def _stuck(breach: Breach, following: str | None, seen: tuple[Criterion, ...] | None, *, unanswered: bool) -> Stuck:
    if unanswered:
        return Stuck(breach, AN_ANSWER, following, ())
    if seen is None:
        return Stuck(breach, NOTHING_ASKED, None, ())
    missing = tuple(lacking(seen))
    written = sum(not each.implied for each in seen)
    return Stuck(breach, in_words(missing, written) or NOTHING_LACKING, following, missing)


UNANSWERED = (
    "SELECT contact_id FROM main.handoff INDEXED BY handoff_one_open WHERE closed_at IS NULL AND state = 'open'"
)
SUPPRESSED = "EXISTS (SELECT 1 FROM main.suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL)"
WITH_SALES = "EXISTS (SELECT 1 FROM main.handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL)"
AT_REST = "EXISTS (SELECT 1 FROM main.recycling g WHERE g.contact_id = c.id AND g.closed_at IS NULL)"
# The campaigns of the project; a contact in another one, whose file is gone, is in none.
PRESENT = "e.ended_at IS NULL AND e.campaign IN (SELECT value FROM json_each(:campaigns))"
LAST_TOUCH = (
    f"(SELECT y.at FROM main.touch y WHERE y.contact_id = c.id AND y.reaches_contact = 1 AND y.{COUNTED_STATES}"
    " AND y.state = 'sent' ORDER BY y.at DESC LIMIT 1)"
)
MAY_BE_WRITTEN_TO = (
    "c.consent IN ('express', 'implied') AND c.consent_basis IS NOT NULL AND c.consent_source IS NOT NULL"
    " AND (c.consent_until IS NULL OR c.consent_until > :now)"
)
# Of several campaigns the one that is nearest to sending speaks.
ENROLLMENT = f"""
(SELECT e.id FROM main.enrollment e WHERE e.contact_id = c.id AND {PRESENT}
 ORDER BY CASE e.state WHEN 'held' THEN 0 WHEN 'moving' THEN 1 WHEN 'waiting' THEN 2 WHEN 'resting' THEN 3 ELSE 4 END,
          e.id LIMIT 1)
"""
REQUEST = (
    "(SELECT r.id FROM main.request r WHERE r.contact_id = c.id AND r.state = 'open' AND r.held_reason IS NOT NULL"
    " ORDER BY r.id LIMIT 1)"
)
REASON = f"""
CASE WHEN c.suppressed THEN '{Silence.SUPPRESSED}' WHEN c.with_sales THEN '{Silence.WITH_SALES}'
     WHEN c.at_rest THEN '{Silence.AT_REST}' WHEN e.state = 'held' THEN e.held_reason
     WHEN r.id IS NOT NULL THEN r.held_reason WHEN e.state = 'resting' THEN '{Silence.RESTING}'
     WHEN e.state = 'exhausted' THEN '{Silence.EXHAUSTED}' WHEN e.id IS NOT NULL THEN '{Silence.WAITING}'
     ELSE '{Silence.NO_CAMPAIGN}' END
"""
UNTIL = """
CASE WHEN c.suppressed OR c.with_sales THEN NULL
     WHEN c.at_rest THEN (SELECT g.rest_until FROM main.recycling g WHERE g.contact_id = c.id AND g.closed_at IS NULL)
     WHEN e.state = 'held' THEN e.held_until WHEN r.id IS NOT NULL THEN r.held_until ELSE e.wake_at END
"""


def silent(
    db: Connection, campaigns: Collection[str], at: int, *, days: int, no_track: bool = False
) -> Iterator[Silent]:
    """Whom nothing reached in so many days of 24 hours, the longest silence first; with `no_track` only who is in none.

    Somebody never reached counts from when they were added. `campaigns` are those of the project. In no track is who
    may be written to, is in no campaign, not with Sales, not at rest after recycling.
    """
    nowhere = f"AND {_in_no_track()}" if no_track else ""
    yield from map(
        Silent._make,
        db.execute(
            f"""
            WITH quiet AS MATERIALIZED (
              SELECT q.*, coalesce(q.last_touch, q.created_at) AS since FROM (
                SELECT c.id, c.email, c.stage, c.address_hash, c.created_at, {LAST_TOUCH} AS last_touch
                FROM main.contact c WHERE c.created_at <= :limit {nowhere}) AS q
              WHERE q.last_touch IS NULL OR q.last_touch <= :limit),
            told AS MATERIALIZED (
              SELECT c.*, {SUPPRESSED} AS suppressed, {WITH_SALES} AS with_sales, {AT_REST} AS at_rest,
                     {ENROLLMENT} AS enrollment, {REQUEST} AS request FROM quiet c)
            SELECT c.id, c.email, c.stage, c.since, c.last_touch, {REASON} AS reason,
                   iif(c.suppressed OR c.with_sales OR c.at_rest, '', coalesce(e.campaign, '')), {UNTIL}
            FROM told c LEFT JOIN main.enrollment e ON e.id = c.enrollment LEFT JOIN main.request r ON r.id = c.request
            ORDER BY c.since, c.id
            """,
            {"now": at, "limit": at - days * DAY, "campaigns": json.dumps(sorted(campaigns))},
        ),
    )


def _in_no_track() -> str:
    enrolled = f"EXISTS (SELECT 1 FROM main.enrollment e WHERE e.contact_id = c.id AND {PRESENT})"
    return f"{MAY_BE_WRITTEN_TO} AND NOT {SUPPRESSED} AND NOT {WITH_SALES} AND NOT {AT_REST} AND NOT {enrolled}"
