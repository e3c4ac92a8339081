"""The criteria of a stage part by part: what is needed, what was seen of a contact, and whether that is enough.

A part is one operand of the outermost `and`, as it is written. Then follow, as implied parts, what the funnel itself
asks: a response before a contact is handed to Sales, and a new one after Sales returned it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nurture_cli.campaign.funnel import Funnel, Stage
from nurture_cli.language.expression import (
    All,
    Any,
    Atom,
    Compare,
    Condition,
    Expression,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Not,
    Type,
)
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, atoms, compile_condition, facts_sql, label, uses_events
from nurture_cli.planner.scores import responded
from nurture_cli.records import Value
from nurture_cli.store.database import Connection

RESTS_ON_FIT = (MeasureName.FIT, MeasureName.GRADE)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a stage asks of a contact."""

    needed: str
    seen: str
    met: bool
    nearness: float  # from 0 to 1: the part of a number that is there already
    implied: bool  # not written with the stage, but asked by the funnel
    facts: Mapping[str, Value | None]


def ahead(funnel: Funnel, stage: str) -> Iterator[Stage]:
    """The stages that ask something of a contact in `stage`: the gates on its way, and the first stage behind them.

    Nobody stays at a gate: a contact in one must meet its criteria first.
    """
    for one in funnel.stages[_first_rank(funnel, stage) :]:
        if one.criteria is not None:
            yield one
            if not one.is_gate:
                return


def next_stage(funnel: Funnel, stage: str) -> Stage | None:
    """The nearest later stage with criteria; None where there is none."""
    return next(ahead(funnel, stage), None)


def way_to(funnel: Funnel, stage: str, target: int) -> Iterator[Stage]:
    """The stages whose criteria a contact must meet to move from `stage` to the stage at place `target`."""
    first = _first_rank(funnel, stage)
    return (one for rank, one in funnel.asked(target) if rank >= first)


def _first_rank(funnel: Funnel, stage: str) -> int:
    rank = funnel.rank(stage)
    return rank if rank >= 0 and funnel.stages[rank].is_gate else rank + 1


def lacking(criteria: Sequence[Criterion]) -> list[Criterion]:
    """The parts that are not met, the nearest first; implied ones only when every written part is met."""
    missing = [one for one in criteria if not one.met]
    written = [one for one in missing if not one.implied]
    return sorted(written or missing, key=lambda one: -one.nearness)


def in_words(missing: Sequence[Criterion], asked: int) -> str:
    """The missing parts of `asked` criteria in words: the only one, or how many are missing and the nearest."""
    if not missing:
        return ""
    nearest = missing[0].needed + (f" (seen: {missing[0].seen})" if missing[0].seen else "")
    return nearest if len(missing) == 1 else f"{len(missing)} of {asked}, the nearest: {nearest}"


def parts_of(condition: Condition) -> list[tuple[str, Expression]]:
    """The parts of the outermost `and` as they are written; a condition without one is its own only part."""
    flat = condition.text.replace("\n", " ").replace("\r", " ")
    if not isinstance(condition.body, All):
        return [(flat, condition.body)]
    tree = ast.parse(flat, mode="eval").body
    assert isinstance(tree, ast.BoolOp)
    texts = (ast.get_source_segment(flat, value) or "" for value in tree.values)
    return list(zip(texts, condition.body.parts, strict=True))


@dataclass(frozen=True, slots=True)
class _Demand:
    """A criterion as SQL over contact row c: whether it holds, a JSON object of the facts, whether it is asked."""

    needed: str
    holds: str
    facts: str
    body: Expression | None = None
    asked: str = "1"
    spoken_of: bool = False  # the written criteria ask about this already: shown only when it is not met


def criteria_of(
    db: Connection, stage: Stage, funnel: Funnel, scope: Scope, contacts: Collection[int], at: int
) -> Mapping[int, tuple[Criterion, ...]]:
    """What a stage with criteria asks of each of these contacts, and what is seen of them at instant `at`."""
    parameters = Parameters(now=at, ids=json.dumps(sorted(contacts)))
    demands = list(_demands(stage, funnel, scope, parameters))
    columns = ", ".join(f"{one.asked}, {one.holds}, {one.facts}" for one in demands)
    rows = db.execute(
        f"SELECT c.id, {columns} FROM json_each(:ids) i CROSS JOIN main.contact c ON c.id = i.value",
        parameters,
    )
    return {row[0]: tuple(_seen_of(demands, row[1:])) for row in rows}


def _demands(stage: Stage, funnel: Funnel, scope: Scope, parameters: Parameters) -> Iterator[_Demand]:
    assert stage.criteria is not None
    for text, body in parts_of(stage.criteria):
        holds = compile_condition(body, scope, parameters)
        facts = facts_sql((Condition(text, body, body.span),), scope, parameters)
        yield _Demand(text, holds, facts, body)
    if funnel.hands_over(stage):
        standing = f"FROM {scope.where.standing} s WHERE s.contact_id = c.id"
        responses, fit = (f"coalesce((SELECT s.{name} {standing}), 0)" for name in ("responses", "fit"))
        answered, seen = f"{responses} > 0", f"json_object('responses', {responses})"
        body = stage.criteria.body
        yield _Demand("a response that counts", answered, seen, spoken_of=uses_events(body))
        if funnel.fit:
            spoken_of = any(isinstance(atom, Measure) and atom.name in RESTS_ON_FIT for atom in atoms(body))
            yield _Demand("fit > 0", f"{fit} > 0", f"json_object('fit', {fit})", spoken_of=spoken_of)
    newer = responded("c", "e.at > g.at AND e.at <= :now", scope.scores, parameters)
    back = "SELECT 1 FROM main.recycling g WHERE g.contact_id = c.id AND g.at <= :now"
    holds = f"NOT EXISTS ({back} AND NOT {newer})"
    facts = f"json_object('response since', iif({holds}, 'yes', 'none'))"
    yield _Demand("a response since Sales returned them", holds, facts, asked=f"EXISTS ({back})")


def _seen_of(demands: Sequence[_Demand], cells: Sequence[int | str]) -> Iterator[Criterion]:
    for number, demand in enumerate(demands):
        asked, holds, text = cells[3 * number : 3 * number + 3]
        if not asked or (demand.spoken_of and holds):
            continue
        facts: Mapping[str, Value | None] = json.loads(str(text))
        if demand.body is None:
            (value,) = facts.values()
            yield Criterion(demand.needed, str(value), bool(holds), 0.0, True, facts)
        else:
            seen = _seen(demand.body, facts)
            yield Criterion(demand.needed, seen, bool(holds), _nearness(demand.body, facts), False, facts)


def _seen(body: Expression, facts: Mapping[str, Value | None]) -> str:
    """The facts in words; the value alone where there is only one fact."""
    truths = {label(atom) for atom in atoms(body) if atom.type is Type.BOOLEAN}
    values = {name: _word(value, truth=name in truths) for name, value in facts.items()}
    if len(values) == 1 and not isinstance(body, Not | Any | All | InSegment):
        return next(iter(values.values()))
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _word(value: Value | None, *, truth: bool) -> str:
    if value is None:
        return "missing"
    if truth:
        return "yes" if value else "no"
    return str(value)


def _nearness(body: Expression, facts: Mapping[str, Value | None]) -> float:
    """The part of a required number that the contact has, from 0 to 1."""
    match body:
        case Compare(op=">=" | ">", left=left, right=Literal(value=int() | float() as goal)):
            seen = facts.get(label(left)) if not isinstance(left, Literal) else None
        case Compare(op="<=" | "<", left=Literal(value=int() | float() as goal), right=right):
            seen = facts.get(label(right)) if not isinstance(right, Literal) else None
        case Atom() | Not() | All() | Any() | InSegment():
            return 0.0
    if not isinstance(seen, int | float) or goal <= 0:
        return 0.0
    return min(max(seen / goal, 0.0), 1.0)
