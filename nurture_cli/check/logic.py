"""What follows from a condition, as far as it can be told from the text: never a guess.

Both questions answer yes only when it is certain for every contact; "cannot be told" is no.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, fields, is_dataclass
from math import inf

from nurture_cli.campaign.expression import (
    All,
    Among,
    Any,
    Compare,
    Constant,
    Did,
    Expression,
    InSegment,
    Literal,
    Missing,
    Not,
    Operand,
    Truth,
)

Value = str | int | float | bool
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def shape(part: object) -> Hashable:
    """A condition, or a part of one, without its places: two of equal shape ask the same."""
    match part:
        case tuple():
            return tuple(shape(item) for item in part)
        case None | str() | int() | float():
            return (type(part).__name__, part)
        case _ if is_dataclass(part):
            names = (field.name for field in fields(part) if field.name != "span")
            return (type(part).__name__, *(shape(getattr(part, name)) for name in names))
        case _:
            raise TypeError(f"not a part of a condition: {part!r}")


def implies(first: Expression, second: Expression) -> bool:
    """Whether everybody for whom `first` holds has `second` as well."""
    if shape(first) == shape(second):
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
        case _:
            return _values_imply(first, second)


def disjoint(first: Expression, second: Expression) -> bool:
    """Whether nobody can have both."""
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
        case _:
            return _values_disjoint(first, second)


@dataclass(frozen=True, slots=True)
class _Values:
    """What a comparison with constants lets through: some values, all but some, or a stretch of numbers."""

    operand: Hashable
    only: frozenset[Value] | None = None
    without: frozenset[Value] | None = None
    above: tuple[float, bool] = (-inf, True)  # the bound, and whether it belongs to the stretch
    below: tuple[float, bool] = (inf, True)
    missing: bool = False  # whether only a missing value gets through

    def lets(self, value: Value) -> bool:
        """Whether the value gets through."""
        if self.missing:
            return False
        if self.only is not None:
            return value in self.only
        if self.without is not None:
            return value not in self.without
        if isinstance(value, str):
            return False
        (low, with_low), (high, with_high) = self.above, self.below
        return (low < value or (with_low and low == value)) and (value < high or (with_high and high == value))


def _values(atom: Expression) -> _Values | None:
    match atom:
        case Among():
            return _Values(shape(atom.left), only=frozenset(choice.value for choice in atom.choices))
        case Truth():
            return _Values(shape(atom.field), only=frozenset([True]))
        case Missing():
            return _Values(shape(atom.operand), missing=True)
        case Compare(left=Literal(value=value)):
            return _compared(atom.right, _FLIPPED[atom.op], value)
        case Compare(right=Literal(value=value)):
            return _compared(atom.left, atom.op, value)
        case _:
            return None


def _compared(operand: Operand, op: str, value: Value) -> _Values | None:
    of = shape(operand)
    match op:
        case "==":
            return _Values(of, only=frozenset([value]))
        case "!=":
            return _Values(of, without=frozenset([value]))
        case _ if isinstance(value, str):
            return None
        case "<" | "<=":
            return _Values(of, below=(float(value), op == "<="))
        case _:
            return _Values(of, above=(float(value), op == ">="))


def _values_imply(first: Expression, second: Expression) -> bool:
    one, other = _values(first), _values(second)
    if one is None or other is None or one.operand != other.operand:
        return False
    if one.only is not None:
        return all(other.lets(value) for value in one.only)
    if one.missing:  # a missing value differs from every constant, and is ordered against none
        return other.missing or other.without is not None
    if one.without is not None or other.only is not None or other.missing:
        return one.without is not None and other.without is not None and one.without == other.without
    if other.without is not None:
        return not any(one.lets(value) for value in other.without)
    return _inner(one.above, other.above, 1) and _inner(one.below, other.below, -1)


def _inner(bound: tuple[float, bool], limit: tuple[float, bool], sign: int) -> bool:
    return bound[0] * sign > limit[0] * sign or (bound[0] == limit[0] and (limit[1] or not bound[1]))


def _values_disjoint(first: Expression, second: Expression) -> bool:
    one, other = _values(first), _values(second)
    if one is None or other is None or one.operand != other.operand:
        return False
    if one.only is None and other.only is not None:
        one, other = other, one
    if one.only is not None:
        return not any(other.lets(value) for value in one.only)
    if one.missing or other.missing:
        rest = other if one.missing else one
        return not rest.missing and rest.without is None
    if one.without is not None or other.without is not None:
        return False
    low, high = max(one.above, other.above, key=_tight_low), min(one.below, other.below, key=_tight_high)
    return low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1]))


def _tight_low(bound: tuple[float, bool]) -> tuple[float, bool]:
    return bound[0], not bound[1]


def _tight_high(bound: tuple[float, bool]) -> tuple[float, bool]:
    return bound[0], bound[1]


def _event_implies(first: Did, second: Did) -> bool:
    return (
        first.kind == second.kind
        and second.asset in (None, first.asset)
        and (second.within is None or (first.within is not None and first.within <= second.within))
        and (second.since is None or first.since == second.since)
        and first.times >= second.times
    )
