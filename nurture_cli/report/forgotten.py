"""Forgotten contacts: too long in their stage, without a message for long, or in no campaign.

Reads only. Stages and scores are those that the last run left; what would be sent is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from nurture_cli.calendars import add
from nurture_cli.campaign.funnel import Owner, StageKind
from nurture_cli.campaign.model import Config
from nurture_cli.planner.companies import stored_scope
from nurture_cli.planner.criteria import Criterion, criteria_of, in_words, lacking, next_stage
from nurture_cli.planner.world import build_world
from nurture_cli.project import Project
from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries
from nurture_cli.timing import DAY, Duration, Unit

CHUNK = 500


class Promise(StrEnum):
    """What has a promised end."""

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
    """A breach, and what the contact lacks: the criteria of `next_stage` that they do not meet, the nearest first."""

    breach: Breach
    lacks: str
    next_stage: str | None
    missing: tuple[Criterion, ...]


class Silent(NamedTuple):
    """A contact who has got no message since an instant; `reason` is a hold reason, or one of `Silence`."""

    contact_id: int
    email: str
    stage: str
    since: int
    last_touch: int | None
    reason: str
    campaign: str  # '' where the reason belongs to none
    until: int | None


AN_ANSWER = "an answer from Sales"
NOTHING_ASKED = "a step, a rule or a person: no later stage has criteria"
NOTHING_LACKING = "nothing more: the next run moves them"


def breaches(db: Connection, config: Config, at: int, stage: str | None = None) -> list[Breach]:
    """Every promise that is broken at instant `at`, the oldest first; of all stages, or of one."""
    found = [one for one in _of_stages(db, config, at) if stage in (None, one.stage)]
    found += [one for one in _of_sales(db, config, at) if stage in (None, one.stage)]
    return sorted(found, key=lambda one: (one.due, one.email, one.promise))


def _of_stages(db: Connection, config: Config, at: int) -> Iterator[Breach]:
    for stage in config.funnel.stages:
        if stage.kind is not StageKind.SLA or stage.within is None:
            continue
        rows = db.execute(queries("forgotten")["stays"], {"stage": stage.name, "before": at - _least(stage.within)})
        for contact_id, email, since in rows:
            due = add(since, stage.within, config.zone, config.closed)
            if due < at:
                yield Breach(contact_id, email, stage.name, Promise.STAGE, stage.owner, since, due)


def _least(duration: Duration) -> int:
    """The fewest seconds that a duration can take, so that SQL can leave out contacts who are surely not late."""
    return duration.amount if duration.unit is Unit.SECONDS else max(0, duration.amount - 1) * DAY


def _of_sales(db: Connection, config: Config, at: int) -> Iterator[Breach]:
    sales = config.funnel.sales
    promised = None if sales is None else sales.accept_within
    if promised is None:
        return
    rows = db.execute(queries("forgotten")["waits_for_sales"], {"before": at - _least(promised)})
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
    unanswered = {row[0] for row in db.execute(queries("forgotten")["unanswered"])}
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


def silent(
    db: Connection, campaigns: Collection[str], at: int, *, days: int, no_track: bool = False
) -> Iterator[Silent]:
    """The contacts who got no message in so many days of 24 hours, the longest silence first.

    Contacts who never got one count from when they were added. `campaigns` are those of the project. With
    `no_track` only contacts who may be written to, and are in no campaign, not with Sales, and not at rest after Sales
    returned them.
    """
    yield from map(
        Silent._make,
        db.execute(
            queries("forgotten")["silent"],
            {
                "now": at,
                "limit": at - days * DAY,
                "campaigns": json.dumps(sorted(campaigns)),
                "no_track": no_track,
            },
        ),
    )
