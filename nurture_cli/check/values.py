"""What a comparison with constants lets through, and what follows from that."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from math import ceil, floor, inf
from typing import cast

from nurture_cli.language.comparisons import GRADE_NAMES
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Atom,
    CompanyPeople,
    Compare,
    Count,
    DaysSince,
    DaysUntil,
    Expression,
    Field,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Operand,
    Responses,
    Sign,
    Touches,
    Truth,
    Type,
)

ComparedValue = str | int | float | bool
Bound = tuple[float, bool]  # where a stretch of numbers ends, and whether the end belongs to it
_FLIPPED: Mapping[Sign, Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE: Mapping[Sign, Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def shape(part: object) -> Hashable:
    """A condition, or a part of one, without its places: two of equal shape ask the same."""
    match part:
        case tuple():
            return tuple(shape(item) for item in part)
        case None | str() | int() | float():
            return (type(part), part)
        case _ if is_dataclass(part):
            kind = type(part)
            return (kind, *(shape(getattr(part, name)) for name in _parts_of(cast(Hashable, kind))))
        case _:
            raise TypeError(f"not a part of a condition: {part!r}")


def alike(one: object, other: object) -> bool:
    """Whether two conditions, or two parts of one, are of equal shape; stops at the first difference."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if one is None or isinstance(one, str | int | float):
        return one == other
    return all(alike(getattr(one, name), getattr(other, name)) for name in _parts_of(cast(Hashable, kind)))


@cache
def _parts_of(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "span")


@dataclass(frozen=True, slots=True)
class PossibleValues:
    """What a comparison with constants lets through: some values, all but some, or a stretch of numbers."""

    operand: Operand
    only: frozenset[ComparedValue] | None = None
    without: frozenset[ComparedValue] | None = None
    above: Bound = (-inf, True)
    below: Bound = (inf, True)
    missing: bool = False  # whether only a missing value gets through

    @property
    def empty(self) -> bool:
        """Whether nothing gets through."""
        if self.missing or self.without is not None:
            return False
        if self.only is not None:
            return not self.only
        return _apart(self.above, self.below)

    def lets(self, value: ComparedValue) -> bool:
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


def values_of(atom: Expression) -> PossibleValues | None:
    """What an atom lets through; None when it is not a comparison with constants."""
    match atom:
        case Among():
            only = frozenset(choice.value for choice in atom.choices)
            return _within_its_range(PossibleValues(atom.left, only=only))
        case Truth():
            return PossibleValues(atom.field, only=frozenset([True]))
        case Missing():
            return (
                PossibleValues(atom.operand, only=frozenset())
                if _is_known(atom.operand)
                else PossibleValues(atom.operand, missing=True)
            )
        case Compare(left=Literal(value=value)):
            return _compared(atom.right, _FLIPPED[atom.op], value)
        case Compare(right=Literal(value=value)):
            return _compared(atom.left, atom.op, value)
        case Not(body=Compare() as inner) if _is_known(inner.left) and _is_known(inner.right):
            return values_of(replace(inner, op=_OPPOSITE[inner.op]))
        case Not(body=Among(left=Measure(name=MeasureName.GRADE) as grade) as inner):
            others = frozenset(GRADE_NAMES) - {str(choice.value) for choice in inner.choices}
            return PossibleValues(grade, only=others)
        case Atom() | Not() | InSegment() | All() | Any():
            return None


def values_imply(first: Expression, second: Expression) -> bool:
    """Whether whatever the first comparison lets through gets through the second."""
    one, other = values_of(first), values_of(second)
    if one is None or other is None:
        return False
    about = _said_of(one, other.operand)
    return about is not None and _inside(about, other)


def values_disjoint(first: Expression, second: Expression) -> bool:
    """Whether nothing gets through both comparisons."""
    one, other = values_of(first), values_of(second)
    if one is None or other is None:
        return False
    about = _said_of(one, other.operand)
    return about is not None and _exclude(about, other)


def _is_known(operand: Operand) -> bool:
    """Whether an operand always has a value."""
    match operand:
        case Literal() | Measure() | Touches() | Responses() | CompanyPeople():
            return True
        case Field() | DaysSince() | DaysUntil():
            return False


def _compared(operand: Operand, op: Sign, value: ComparedValue) -> PossibleValues | None:
    match op:
        case "==":
            return _within_its_range(PossibleValues(operand, only=frozenset([value])))
        case "!=":
            return _within_its_range(PossibleValues(operand, without=frozenset([value])))
        case "<" | "<=" | ">" | ">=" if isinstance(value, str):
            return None
        case "<" | "<=":
            return _within_its_range(PossibleValues(operand, below=(float(value), op == "<=")))
        case ">" | ">=":
            return _within_its_range(PossibleValues(operand, above=(float(value), op == ">=")))


def _within_its_range(values: PossibleValues) -> PossibleValues:
    """The same with what is known of the operand: nine grades, and scores and counts as whole numbers from 0."""
    operand = values.operand
    if isinstance(operand, Measure) and operand.type is Type.TEXT:
        if operand.name is MeasureName.GRADE and values.without is not None:
            return PossibleValues(operand, only=frozenset(GRADE_NAMES) - values.without)
        return values
    if not _is_known(operand):
        return values
    if values.only is not None:
        return replace(values, only=frozenset(value for value in values.only if _is_count(value)))
    if values.without is not None:
        return PossibleValues(operand, above=(1.0, True)) if values.without == {0} else values
    above = _rounded_up(max(values.above, (0.0, True), key=_tight_low))
    return replace(values, above=above, below=_rounded_down(values.below))


def _is_count(value: ComparedValue) -> bool:
    return not isinstance(value, str) and value >= 0 and value == int(value)


def _rounded_up(bound: Bound) -> Bound:
    least = ceil(bound[0])
    return (float(least + (not bound[1] and least == bound[0])), True)


def _rounded_down(bound: Bound) -> Bound:
    if bound[0] == inf:
        return bound
    most = floor(bound[0])
    return (float(most - (not bound[1] and most == bound[0])), True)


def _said_of(values: PossibleValues, operand: Operand) -> PossibleValues | None:
    """What is known of an operand when another one lets these values through; None when nothing is."""
    if alike(values.operand, operand):
        return values
    known = values.operand
    if isinstance(known, Count) and isinstance(operand, Count):
        low, high = _stretch(values)
        if _counts_within(known, operand):
            return PossibleValues(operand, above=low)
        if _counts_within(operand, known):
            return PossibleValues(operand, above=(0.0, True), below=high)
    return None


def _stretch(values: PossibleValues) -> tuple[Bound, Bound]:
    if values.only:
        numbers = [float(value) for value in values.only]
        return (min(numbers), True), (max(numbers), True)
    if values.only is not None or values.without is not None:
        return (0.0, True), (inf, True)
    return values.above, values.below


def _counts_within(narrow: Count, wide: Count) -> bool:
    """Whether everything that the one counts is counted by the other, too."""
    match wide:
        case Touches() | CompanyPeople():
            alike = type(narrow) is type(wide)
        case Responses(stage=stage):
            alike = isinstance(narrow, Responses) and stage in (None, narrow.stage)
    return alike and (wide.within is None or (narrow.within is not None and narrow.within <= wide.within))


def _inside(one: PossibleValues, other: PossibleValues) -> bool:
    if one.only is None and one.above == one.below:
        return other.lets(one.above[0])
    if one.only is not None:
        return all(other.lets(value) for value in one.only)
    if one.missing:  # a missing value differs from every constant, and is ordered against none
        return other.missing or other.without is not None
    if one.without is not None or other.only is not None or other.missing:
        return one.without is not None and other.without is not None and one.without == other.without
    if other.without is not None:
        return not any(one.lets(value) for value in other.without)
    return _inner(one.above, other.above, 1) and _inner(one.below, other.below, -1)


def _inner(bound: Bound, limit: Bound, sign: int) -> bool:
    return bound[0] * sign > limit[0] * sign or (bound[0] == limit[0] and (limit[1] or not bound[1]))


def _exclude(one: PossibleValues, other: PossibleValues) -> bool:
    if one.only is None and other.only is not None:
        one, other = other, one
    if one.only is not None:
        return not any(other.lets(value) for value in one.only)
    if one.missing or other.missing:
        rest = other if one.missing else one
        return not rest.missing and rest.without is None
    if one.without is not None or other.without is not None:
        return False
    return _apart(max(one.above, other.above, key=_tight_low), min(one.below, other.below, key=_tight_high))


def _apart(low: Bound, high: Bound) -> bool:
    return low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1]))


def _tight_low(bound: Bound) -> Bound:
    return bound[0], not bound[1]


def _tight_high(bound: Bound) -> Bound:
    return bound[0], bound[1]
