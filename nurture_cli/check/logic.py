"""What follows from a condition, as far as it can be told from the text: never a guess.

All three questions answer yes only when it is certain for every contact; "cannot be told" is no. Of grades they know
no more than their names: `points.py` writes them out as fit and interest.
"""

from __future__ import annotations

from itertools import combinations

from nurture_cli.check.values import alike, values_disjoint, values_imply, values_of
from nurture_cli.language.expression import (
    All,
    Any,
    Atom,
    Burst,
    Compare,
    Constant,
    Did,
    Expression,
    InSegment,
    Literal,
    Not,
    Responses,
    Type,
)


def implies(first: Expression, second: Expression) -> bool:
    """Whether every contact for whom `first` holds meets `second` as well."""
    if alike(first, second):
        return True
    match first, second:
        case (Constant(value=False), _) | (_, Constant(value=True)):
            return True
        case InSegment(), _:
            return implies(first.body, second)
        case _, InSegment():
            return implies(first, second.body)
        case Any(), _:
            return all(implies(part, second) for part in first.parts)
        case _, All():
            return all(implies(first, part) for part in second.parts)
        case All(), _:
            return any(implies(part, second) for part in first.parts)
        case _, Any():
            return any(implies(first, part) for part in second.parts)
        case Not(), Not():
            return implies(second.body, first.body)
        case _, Not():
            return disjoint(first, second.body)
        case Did(), Did():
            return _event_implies(first, second)
        case Burst(), Burst():
            return first.within == second.within and first.times >= second.times and first.after >= second.after
        case Burst(), _:
            return implies(_response_in(first), second)
        case Atom() | Not(), Atom():
            return values_imply(first, second)


def disjoint(first: Expression, second: Expression) -> bool:
    """Whether no contact can meet both."""
    match first, second:
        case (Constant(value=False), _) | (_, Constant(value=False)):
            return True
        case InSegment(), _:
            return disjoint(first.body, second)
        case _, InSegment():
            return disjoint(first, second.body)
        case Any(), _:
            return all(disjoint(part, second) for part in first.parts)
        case _, Any():
            return all(disjoint(first, part) for part in second.parts)
        case All(), _:
            return any(disjoint(part, second) for part in first.parts)
        case _, All():
            return any(disjoint(first, part) for part in second.parts)
        case Not(), Not():
            return False
        case Not(), _:
            return implies(second, first.body)
        case _, Not():
            return implies(first, second.body)
        case Burst(), _:
            return disjoint(_response_in(first), second)
        case _, Burst():
            return disjoint(first, _response_in(second))
        case Atom(), Atom():
            return values_disjoint(first, second)


def impossible(body: Expression) -> bool:
    """Whether no contact can ever meet it."""
    match body:
        case Constant(value=value):
            return not value
        case InSegment():
            return impossible(body.body)
        case Any():
            return all(impossible(part) for part in body.parts)
        case All():
            return any(impossible(part) for part in body.parts) or any(
                disjoint(first, second) for first, second in combinations(body.parts, 2)
            )
        case Atom() | Not():
            values = values_of(body)
            return values is not None and values.empty


def _response_in(burst: Burst) -> Expression:
    """What a burst says about the number of responses; about a part of the past, it is sure of one only."""
    counted = Responses(burst.within, None, burst.span)
    return Compare(">=", counted, Literal(1, Type.NUMBER, burst.span), burst.span)


def _event_implies(first: Did, second: Did) -> bool:
    return (
        first.kind == second.kind
        and second.asset in (None, first.asset)
        and (second.within is None or (first.within is not None and first.within <= second.within))
        and (second.since is None or first.since == second.since)
        and first.times >= second.times
    )
