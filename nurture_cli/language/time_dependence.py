"""What time alone does to a condition."""

from __future__ import annotations

from collections.abc import Mapping

from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
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
    Sign,
    Touches,
    Truth,
)

_MIRRORED: Mapping[Sign, Sign] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def becomes_true_by_time(expression: Expression, positive: bool = True) -> bool:
    """Whether time alone can make the condition true (or, if not `positive`, false).

    What fades or falls out of a window can only make `>=` false, so for most criteria a run need not look at all
    contacts. A burst counts as one that only a response can cause.
    """
    match expression:
        case All(parts=parts) | Any(parts=parts):
            return any(becomes_true_by_time(part, positive) for part in parts)
        case Not(body=body):
            return becomes_true_by_time(body, not positive)
        case InSegment(body=body):
            return becomes_true_by_time(body, positive)
        case Did(within=within):
            return within is not None and not positive
        case Burst():
            return not positive
        case Compare(op=("==" | "!=") as op, left=Measure(name=MeasureName.GRADE), right=Literal(value=value)):
            return _fades_into({str(value)}, positive == (op == "=="))
        case Compare(op=op, left=left, right=right):
            return any(
                _moves_over(side, op if side is left else _MIRRORED.get(op, op), positive) for side in (left, right)
            )
        case Among(left=Measure(name=MeasureName.GRADE), choices=choices):
            return _fades_into({str(choice.value) for choice in choices}, positive)
        case Among(left=left):
            return left.moved_by_time
        case Contains() | Missing() | Truth() | Constant() | Received() | HasTag():
            return False


def _fades_into(grades: set[str], positive: bool) -> bool:
    """Whether fading interest, which turns a 1 into a 2 and a 3, leads into these grades (or, if not, out of them)."""
    return any(
        ((letter + before) in grades) != positive and ((letter + after) in grades) == positive
        for letter in "ABC"
        for before, after in ("12", "13", "23")
    )


def _moves_over(operand: Operand, op: Sign, positive: bool) -> bool:
    """Whether time carries an operand over the other side of `operand op …` in the direction that is asked about."""
    match operand:
        case Literal() | Field():
            return False
        case Measure(name=MeasureName.GRADE):
            return True  # as text it rises while interest fades
        case DaysSince():
            rises = True
        case DaysUntil() | Touches() | Measure() | Responses() | CompanyPeople():
            rises = False
    return operand.moved_by_time and (op in ("==", "!=") or rises == ((op in (">", ">=")) == positive))
