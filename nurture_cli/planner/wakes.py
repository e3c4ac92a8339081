"""The instant at which time alone may next change an answer about a contact.

A run looks at contacts about whom something is new. Nothing is new about somebody who did nothing for 90 days, yet
`days_since("visited") > 90` begins to hold. So for each contact the store keeps the next instant at which time alone
may bring them into a campaign or to a stage, and a run looks at those whose instant has come. It may come in vain: the
look finds nothing, and works out the next one.

The instants follow from what is stored: an event of 30 days ago falls out of `within="30 days"` now. Where two things
are compared that both move with time, the contact is looked at once a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Condition,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Operand,
    Received,
    Responses,
    Subject,
    Touches,
    Truth,
)
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.planner.bound import COUNTED_STATES, Parameters
from nurture_cli.planner.compile import Scope, atoms, event_terms, operand_sql
from nurture_cli.planner.fading import crossing_sql
from nurture_cli.planner.scores import company_heat, oldest_colleague_sql, own_heat, response_terms
from nurture_cli.planner.world import World, way_out
from nurture_cli.store.database import Connection

DAY = 86400
NEVER = 1 << 53  # later than any instant, and still exact as a real number
_TOMORROW = f"((:now / {DAY} + 1) * {DAY})"  # at midnight in UTC
_ARGUMENTS = 100  # of one min(): SQLite takes 127


def stages_found_by_time(world: World) -> frozenset[str]:
    """The stages whose criteria, or those of a gate on the way, can come to hold by time alone."""
    funnel = world.config.funnel
    return frozenset(
        stage.name
        for rank, stage in enumerate(funnel.stages)
        if stage.criteria is not None
        and any(one.criteria is not None and becomes_true_by_time(one.criteria.body) for _, one in funnel.asked(rank))
    )


def door_moved_by_time(world: World, campaign_id: int) -> list[Condition]:
    """The conditions by which time alone can let contacts into a campaign: its entry, and what keeps them out."""
    campaign = world.campaigns[campaign_id]
    entry = campaign.enter.condition
    found = [entry] if becomes_true_by_time(entry.body) or _counts_anew_by_time(entry.body) else []
    return found + [one for one in way_out(campaign) if becomes_true_by_time(one.body, positive=False)]


def are_known(db: Connection, world: World) -> bool:
    """Whether the stored instants are those of the present files; if not, everybody is looked at once."""
    return bool(db.execute("SELECT wakes = ? FROM main.instance", (wakes_hash(world),)).fetchone()[0])


def next_look(world: World, parameters: Parameters) -> str | None:
    """SQL for the next instant after :now of contact c, NEVER where there is none; None: nothing moves by time.

    It reads the store alone, so it is asked after a plan was written down.
    """
    conditions = _watched(world)
    if not conditions:
        return None
    scope = replace(world.scope, overlay=False)
    return _earliest([instant for one in conditions for instant in _instants(one.body, scope, parameters)])


def next_change(expression: Expression, scope: Scope, parameters: Parameters) -> str:
    """SQL for the next instant after :now at which time alone may make the condition true, or NEVER."""
    if not becomes_true_by_time(expression):
        return str(NEVER)
    return _earliest(list(_instants(expression, scope, parameters)))


def _watched(world: World) -> list[Condition]:
    """Every condition by which time alone can move somebody."""
    doors = [one for number in range(len(world.campaigns)) for one in door_moved_by_time(world, number)]
    stages = stages_found_by_time(world)
    funnel = world.config.funnel
    criteria = [
        one.criteria
        for rank, stage in enumerate(funnel.stages)
        if stage.name in stages
        for _, one in funnel.asked(rank)
        if one.criteria is not None and becomes_true_by_time(one.criteria.body)
    ]
    return list(dict.fromkeys(doors + criteria))


def _counts_anew_by_time(entry: Expression) -> bool:
    """Whether an event may let in somebody who was there before only because the entry no longer holds without it."""
    return becomes_true_by_time(entry, positive=False) and any(
        fact.moved_by_time and not fact.moved_by_events for fact in atoms(entry)
    )


def wakes_hash(world: World) -> str:
    """The fingerprint of how the instants are worked out; '' where nothing moves by time."""
    conditions = _watched(world)
    if not conditions:
        return ""
    parameters = Parameters()
    parts = [part for one in conditions for part in _instants(one.body, world.scope, parameters)]
    return sha256(repr((parts, sorted(parameters.items()))).encode()).hexdigest()[:16]


def _earliest(instants: list[str]) -> str:
    """SQL for the first of these instants that is after :now."""
    later = [f"coalesce(iif({instant} > :now, {instant}, NULL), {NEVER})" for instant in instants]
    while len(later) > _ARGUMENTS:
        later = [f"min({', '.join(later[n : n + _ARGUMENTS])}, {NEVER})" for n in range(0, len(later), _ARGUMENTS)]
    return f"min({', '.join([*later, str(NEVER), str(NEVER)])})"


def _instants(expression: Expression, scope: Scope, parameters: Parameters) -> Iterator[str]:
    """SQL for the instants at which the answer may change next, for each part; past ones and NULL are among them."""
    match expression:
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _instants(part, scope, parameters)
        case Not(body=body) | InSegment(body=body):
            yield from _instants(body, scope, parameters)
        case Compare(left=left, right=right):
            yield from _of_comparison(left, [right], scope, parameters)
            yield from _of_comparison(right, [left], scope, parameters)
        case Among(left=left, choices=choices):
            yield from _of_comparison(left, choices, scope, parameters)
        case Did(within=within):
            if within is not None:
                terms = event_terms(expression.kind, expression.asset, scope, parameters)
                yield _falls_out(terms, parameters.bind(within))
        case Burst(within=within, after=after):
            terms = response_terms(scope.contact, scope.scores, parameters)
            began, silent = parameters.bind(within), parameters.bind(within + after)
            yield _falls_out(terms, began)
            yield _falls_out(terms, silent)
            yield _falls_out_of_touches(scope, silent)
        case Missing() | Contains() | Truth() | Constant() | Received() | HasTag():
            return  # not by time alone


def _of_comparison(left: Operand, others: Sequence[Operand], scope: Scope, parameters: Parameters) -> Iterator[str]:
    """The instants at which the order of `left` and one of `others` may change because `left` moves."""
    if isinstance(left, Literal) or not left.moved_by_time:
        return
    if any(not isinstance(other, Literal) and other.moved_by_time for other in others):
        yield _TOMORROW
        return
    yield from _of_operand(left, [operand_sql(other, scope, parameters) for other in others], scope, parameters)


def _of_operand(left: Subject, values: list[str], scope: Scope, parameters: Parameters) -> Iterator[str]:
    match left:
        case DaysSince(kind=kind, asset=asset):
            terms = event_terms(kind, asset, scope, parameters)
            last = f"(SELECT max(e.at) FROM main.event e WHERE {terms})"
            for value in values:  # it is that many days, or more
                yield f"({last} + CAST(ceil({value}) AS INTEGER) * {DAY})"
                yield f"({last} + (CAST(floor({value}) AS INTEGER) + 1) * {DAY})"
        case DaysUntil(field=field):
            day = f"CAST(strftime('%s', {operand_sql(field, scope, parameters)}) AS INTEGER)"
            for value in values:  # it is that many days, or fewer
                yield f"({day} - CAST(floor({value}) AS INTEGER) * {DAY})"
                yield f"({day} - (CAST(ceil({value}) AS INTEGER) - 1) * {DAY})"
        case Touches(within=within):
            yield _falls_out_of_touches(scope, parameters.bind(within))
        case Responses(within=within, stage=stage):
            terms = response_terms(scope.contact, scope.scores, parameters, stage)
            yield _falls_out(terms, parameters.bind(within))
        case Measure(name=MeasureName.INTEREST):
            for value in values:
                yield from _fades_to(value, own_heat(scope.where), scope, parameters)
        case Measure(name=MeasureName.GRADE):
            for threshold in scope.scores.funnel.grades.interest:
                yield from _fades_to(parameters.bind(threshold), own_heat(scope.where), scope, parameters)
        case Measure(name=MeasureName.COMPANY_INTEREST):
            heat = company_heat(scope.where, scope.scores, parameters)
            for value in values:
                yield from _fades_to(value, heat, scope, parameters)
        case CompanyPeople(within=within):
            if within is not None:
                oldest = oldest_colleague_sql(within, scope.where, scope.scores, parameters)
                yield f"({oldest} + {parameters.bind(within)})"
        case Field() | Measure():
            return


def _falls_out(terms: str, within: str) -> str:
    """When the oldest of these events that still counts is no longer within so many seconds."""
    return f"((SELECT min(e.at) FROM main.event e WHERE {terms} AND e.at > :now - {within}) + {within})"


def _falls_out_of_touches(scope: Scope, within: str) -> str:
    """When the oldest message that still counts is no longer within so many seconds."""
    return (
        f"((SELECT min(x.at) FROM main.touch x WHERE x.contact_id = {scope.contact}.id AND x.reaches_contact = 1"
        f" AND x.{COUNTED_STATES} AND x.at > :now - {within}) + {within})"
    )


def _fades_to(value: str, heat: str, scope: Scope, parameters: Parameters) -> Iterator[str]:
    """When the interest of this heat gets below a value or down to it, and the seconds after: it is a real number."""
    half_life = parameters.bind(float(scope.scores.funnel.interest.half_life))
    for limit in (f"ceil({value})", f"floor({value}) + 1"):
        crossing = crossing_sql(heat, limit, half_life)
        yield from (f"({crossing} + {seconds})" for seconds in (0, 1, 2))
