"""Grades written out as the fit and the interest that they stand for, and how much fit there can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from nurture_cli.campaign.funnel import Funnel, Grades
from nurture_cli.language.comparisons import GRADE_NAMES
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Atom,
    Compare,
    Constant,
    Expression,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Not,
    Sign,
    Type,
)
from nurture_cli.text.diagnostic import Span


def in_points(body: Expression, grades: Grades) -> Expression:
    """The same condition without grades; every part keeps its place."""
    match body:
        case Not() | InSegment():
            return replace(body, body=in_points(body.body, grades))
        case All() | Any():
            return replace(body, parts=tuple(in_points(part, grades) for part in body.parts))
        case Among(left=Measure(name=MeasureName.GRADE)):
            return _graded({str(choice.value) for choice in body.choices}, grades, body.span)
        case (
            Compare(left=Measure(name=MeasureName.GRADE), right=Literal(value=value))
            | Compare(left=Literal(value=value), right=Measure(name=MeasureName.GRADE))
        ):
            named = {str(value)}
            return _graded(named if body.op == "==" else set(GRADE_NAMES) - named, grades, body.span)
        case Atom():
            return body


def most_fit(funnel: Funnel) -> int:
    """No contact can have more fit than this."""
    return sum(rule.points for rule in funnel.fit)


def measured(name: MeasureName, op: Sign, number: float, span: Span) -> Compare:
    """The condition that a measure is at least, below, … a number."""
    return Compare(op, Measure(name, span), Literal(number, Type.NUMBER, span), span)


def _graded(names: set[str], grades: Grades, span: Span) -> Expression:
    """The condition of having one of these grades: blocks of neighbouring letters with the same digits."""
    digits = {letter: tuple(digit for digit in "123" if letter + digit in names) for letter in "ABC"}
    blocks = [
        _both(
            span, *_stretch(MeasureName.FIT, grades.fit, ["ABC".index(letter) for letter in letters], span), *interest
        )
        for row, letters in ((row, list(some)) for row, some in groupby("ABC", key=lambda letter: digits[letter]))
        for run in _runs(int(digit) - 1 for digit in row)
        for interest in [tuple(_stretch(MeasureName.INTEREST, grades.interest, run, span))]
    ]
    if not blocks:
        return Constant(False, span)
    return blocks[0] if len(blocks) == 1 else Any(tuple(blocks), span)


def _both(span: Span, *parts: Expression) -> Expression:
    if not parts:
        return Constant(True, span)
    return parts[0] if len(parts) == 1 else All(parts, span)


def _stretch(measure: MeasureName, bounds: tuple[int, int], classes: list[int], span: Span) -> Iterator[Expression]:
    """The condition of lying in neighbouring classes, the best of them first."""
    if classes[-1] < len(bounds):
        yield measured(measure, ">=", bounds[classes[-1]], span)
    if classes[0] > 0:
        yield measured(measure, "<", bounds[classes[0] - 1], span)


def _runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
