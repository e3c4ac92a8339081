"""What the passing of time alone does to a condition."""

from __future__ import annotations

from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    InSegment,
    Literal,
    Measure,
    Not,
    Operand,
    Responses,
    Touches,
)

FADING = ("interest", "grade", "company_interest")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def moved_by_time(fact: Expression | Operand) -> bool:
    """Whether the passing of time alone can change a fact: it looks back, counts days, or rests on interest."""
    match fact:
        case DaysSince() | DaysUntil() | Burst():
            return True
        case Did() | Touches() | Responses() | CompanyPeople():
            return fact.within is not None
        case Measure():
            return fact.name in FADING
        case _:
            return False


def becomes_true_by_time(expression: Expression, positive: bool = True) -> bool:
    """Whether the passing of time alone can make the condition true (or, if not `positive`, false).

    What fades or falls out of a window can only make `>=` false; so most criteria need no look at everybody. A burst
    counts as one that only a response brings about.
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
        case Compare(op=("==" | "!=") as op, left=Measure(name="grade"), right=Literal(value=value)):
            return _fades_into({str(value)}, positive == (op == "=="))
        case Compare(op=op, left=left, right=right):
            return any(
                _moves_over(side, op if side is left else _MIRRORED.get(op, op), positive) for side in (left, right)
            )
        case Among(left=Measure(name="grade"), choices=choices):
            return _fades_into({str(choice.value) for choice in choices}, positive)
        case Among(left=left):
            return moved_by_time(left)
        case _:
            return False


def _fades_into(grades: set[str], positive: bool) -> bool:
    """Whether fading interest, which turns a 1 into a 2 and a 3, leads into these grades (or, if not, out of them)."""
    return any(
        ((letter + before) in grades) != positive and ((letter + after) in grades) == positive
        for letter in "ABC"
        for before, after in ("12", "13", "23")
    )


def _moves_over(operand: Operand, op: str, positive: bool) -> bool:
    """Whether time carries an operand over the other side of `operand op …` in the direction that is asked about."""
    if not moved_by_time(operand):
        return False
    if isinstance(operand, Measure) and operand.name == "grade":
        return True  # as text it rises while interest fades
    if op in ("==", "!="):
        return True
    rises = isinstance(operand, DaysSince)  # all others only fall
    return rises == ((op in (">", ">=")) == positive)
