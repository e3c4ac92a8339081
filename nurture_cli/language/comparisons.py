"""Comparisons of a condition: both sides typed, literals fitted to what they are compared with."""

from __future__ import annotations

import ast

from nurture_cli.language.condition_text import ConditionText
from nurture_cli.language.expression import (
    Among,
    Compare,
    Contains,
    Expression,
    Field,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Operand,
    Sign,
    Type,
)
from nurture_cli.language.names import CONSENTS, NameKind, listed
from nurture_cli.language.operands import bind_operand
from nurture_cli.text.advice import tag_call
from nurture_cli.text.nodes import clip
from nurture_cli.timing import is_date

TYPE_WORDS = {
    Type.TEXT: "text",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "yes or no",
    Type.DATE: "a date",
}
GRADE_NAMES = tuple(letter + digit for letter in "ABC" for digit in "123")
STAGED = ("stage", MeasureName.FURTHEST_STAGE)  # fields that hold the name of a stage
_SIGNS: dict[type[ast.cmpop], Sign] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def bind_comparison(written: ConditionText, node: ast.Compare) -> Expression | None:
    """The comparison, bound; None after saying what is wrong with it."""
    return _Comparison(written).bind(node)


class _Comparison:
    def __init__(self, written: ConditionText) -> None:
        self.written = written

    def bind(self, node: ast.Compare) -> Expression | None:
        if len(node.ops) > 1:
            message = "Comparisons cannot be chained."
            self.written.error("bad-condition", node, message, "Write two, with `and` between them: `a < b and b < c`.")
            return None
        op, left, right = node.ops[0], node.left, node.comparators[0]
        if self._asks_for_tag(op, left, right):
            return None
        match op:
            case ast.Is() | ast.IsNot():
                return self._is_none(node, left, right, isinstance(op, ast.IsNot))
            case ast.In() | ast.NotIn():
                found = self._membership(node, left, right)
                return Not(found, found.span) if found is not None and isinstance(op, ast.NotIn) else found
            case _:
                return self._ordered(node, _SIGNS[type(op)], left, right)

    def _asks_for_tag(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> bool:
        """Whether tags are compared as if they were a field; says so then."""
        for side, other in ((left, right), (right, left)):
            tag = other.value if isinstance(other, ast.Constant) else None
            if (
                isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn)
                and isinstance(tag, str)
                and self.written.means_tags(side)
            ):
                help = f"Write: {tag_call(tag, isinstance(op, ast.NotEq | ast.NotIn))}"
                self.written.error("unknown-field", side, "Tags are not a field.", help)
                return True
        return False

    def _is_none(self, node: ast.Compare, left: ast.expr, right: ast.expr, negated: bool) -> Expression | None:
        if not (isinstance(right, ast.Constant) and right.value is None):
            sign = "!=" if negated else "=="
            self.written.error(
                "bad-condition", node, "`is` asks only whether a value is missing.", f"Compare with `{sign}`."
            )
            return None
        operand = bind_operand(self.written, left)
        if operand is None:
            return None
        if isinstance(operand, Literal):
            self.written.error("condition-type", left, "A constant is never missing.", "Name a field.")
            return None
        missing = Missing(operand, self.written.span(node))
        return Not(missing, missing.span) if negated else missing

    def _membership(self, node: ast.Compare, left: ast.expr, right: ast.expr) -> Expression | None:
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            return self._among(node, left, right.elts)
        if not isinstance(right, ast.Name):
            message = "`in` needs a list in square brackets, or a text field."
            value = self.written.source(right)
            help = (
                f"For one value write: == {value}" if isinstance(right, ast.Constant) else 'role in ["user", "buyer"]'
            )
            self.written.error("bad-condition", right, message, help)
            return None
        field = self.written.field(right)
        if field is None:
            return None
        if field.type is not Type.TEXT or field.name in ("stage", "consent"):
            what = f"one of a list; write `{field.name} == …`" if field.core else TYPE_WORDS[field.type]
            self.written.error("condition-type", right, f"`in` looks into text, and `{field.name}` is {what}.")
            return None
        if not (isinstance(left, ast.Constant) and isinstance(left.value, str) and left.value):
            message = f'Write a text in quotes before `in {field.name}`: "…" in {field.name}.'
            self.written.error("condition-type", left, message)
            return None
        return Contains(left.value, field, self.written.span(node))

    def _among(self, node: ast.Compare, left: ast.expr, choices: list[ast.expr]) -> Expression | None:
        operand = bind_operand(self.written, left)
        literals: list[Literal] = []
        for choice in choices:
            bound = bind_operand(self.written, choice) if not _is_none(choice) else None
            if _is_none(choice):
                self.written.error(
                    "condition-type", choice, "A missing value is in no list.", "Write `… or field is None`."
                )
            elif bound is not None and not isinstance(bound, Literal):
                self.written.error("condition-type", choice, "A list holds constants only.", "Put a text in quotes.")
            elif bound is not None and operand is not None:
                fitted = self._fit(choice, bound, operand)
                literals += [] if fitted is None else [fitted]
        if not choices:
            self.written.error("condition-type", node, "No value is in an empty list.", "Name what it may be.")
        if isinstance(operand, Literal):
            self.written.error(
                "condition-type",
                left,
                "A constant in a list of constants says nothing about the contact.",
                "Name a field.",
            )
            return None
        if operand is None or len(literals) < len(choices) or not choices:
            return None
        return Among(operand, tuple(literals), self.written.span(node))

    def _ordered(self, node: ast.Compare, sign: Sign, left: ast.expr, right: ast.expr) -> Expression | None:
        for side, other in ((left, right), (right, left)):
            if _is_none(side):
                asked = "is" if sign == "==" else "is not"
                help = f"Write: {self.written.source(other)} {asked} None"
                self.written.error(
                    "bad-condition", node, f"`{sign} None` does not ask whether a value is missing.", help
                )
                return None
        first, second = bind_operand(self.written, left), bind_operand(self.written, right)
        if first is None or second is None:
            return None
        if isinstance(first, Literal) and isinstance(second, Literal):
            self.written.error("condition-type", node, "This compares two constants.", "Name a field on one side.")
            return None
        if isinstance(first, Literal):
            first = self._fit(left, first, second)
        elif isinstance(second, Literal):
            second = self._fit(right, second, first)
        elif first.type is not second.type:
            message = (
                f"`{self.written.source(left)}` is {TYPE_WORDS[first.type]} and "
                f"`{self.written.source(right)}` is {TYPE_WORDS[second.type]}; they cannot be compared."
            )
            self.written.error("condition-type", node, message)
            return None
        if first is None or second is None:
            return None
        if sign not in ("==", "!=") and first.type not in (Type.NUMBER, Type.DATE):
            self._unordered(node, sign, first, second)
            return None
        return Compare(sign, first, second, self.written.span(node))

    def _unordered(self, node: ast.Compare, sign: Sign, first: Operand, second: Operand) -> None:
        field = next((side for side in (first, second) if isinstance(side, Field | Measure)), None)
        message = f"`{sign}` compares numbers and dates" + (
            f", and `{field.name}` is {TYPE_WORDS[field.type]}." if field else "."
        )
        help = None
        if field is not None and field.name in STAGED:
            stages = self.written.reading.names.stages
            help = f"Name the stages that you mean: {field.name} in {list(stages[-2:])}".replace("'", '"')
        self.written.error("condition-type", node, message, help)

    def _fit(self, node: ast.expr, literal: Literal, operand: Operand) -> Literal | None:
        """The literal as the type of what it is compared with; says so when it does not fit."""
        wanted = operand.type
        if wanted is Type.DATE and literal.type is Type.TEXT:
            if not is_date(str(literal.value)):
                message = f"{self.written.source(node)} is not a date that exists."
                self.written.error("condition-type", node, message, 'Write year, month and day: "2026-11-22"')
                return None
            return Literal(literal.value, Type.DATE, literal.span)
        if wanted is not literal.type:
            named = f"`{operand.name}`" if isinstance(operand, Field | Measure) else "what it is compared with"
            message = f"{self.written.source(node)} is {TYPE_WORDS[literal.type]}, and {named} is {TYPE_WORDS[wanted]}."
            help = None
            if wanted is Type.TEXT:
                help = f'Put it in quotes: "{literal.value}"'
            elif wanted is Type.BOOLEAN and isinstance(operand, Field):
                help = f"Write `{operand.name}` or `not {operand.name}`."
            self.written.error("condition-type", node, message, help)
            return None
        if isinstance(operand, Field) and operand.core and isinstance(literal.value, str):
            return literal if self._listed(node, operand.name, literal.value) else None
        if isinstance(operand, Measure) and isinstance(literal.value, str):
            return literal if self._listed(node, operand.name, literal.value) else None
        return literal

    def _listed(self, node: ast.expr, field: str, value: str) -> bool:
        """Stage, consent and grade have closed lists of values."""
        if field == MeasureName.GRADE and value not in GRADE_NAMES:
            self.written.error(
                "condition-type", node, f"There is no grade `{clip(value)}`.", f"It is one of {listed(GRADE_NAMES, 9)}."
            )
            return False
        if field in STAGED:
            return self.written.reading.known(NameKind.STAGE, value, self.written.span(node))
        if field == "consent" and value not in CONSENTS:
            near = self.written.reading.guess(value, CONSENTS)
            help = f"Did you mean `{near}`?" if near else f"It is one of {listed(CONSENTS)}."
            self.written.error("condition-type", node, f"Consent is never `{clip(value)}`.", help)
            return False
        return True


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
