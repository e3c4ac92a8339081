"""Python's tree of a condition -> our own closed tree, typed and bound; whatever is not listed here is refused."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from datetime import date

from nurture_cli.campaign.calls import bind_call
from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.expression import (
    All,
    Among,
    Any,
    Compare,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Expression,
    Field,
    Literal,
    Missing,
    Not,
    Operand,
    Touches,
    Truth,
    Type,
)
from nurture_cli.campaign.functions import FUNCTIONS
from nurture_cli.campaign.names import CONSENTS, Sort, listed
from nurture_cli.campaign.nodes import clip
from nurture_cli.campaign.reading import Reading
from nurture_cli.records import CORE_TEXT_FIELDS

DEEPEST = 60
LARGEST_NUMBER = 10**15

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_TYPE_WORDS = {
    Type.TEXT: "text",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "yes or no",
    Type.DATE: "a date",
}
OTHER_LANGUAGES = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None", "TRUE": "True",
                    "FALSE": "False", "NULL": "None"}  # fmt: skip


class Binder:
    """Binds one condition; every method returns None when it has said what is wrong."""

    def __init__(self, text: str, lead: int, place: Callable[[int, int], Span], reading: Reading) -> None:
        self.text = text
        self.reading = reading
        self._lead = lead
        self._place = place
        self._bytes = None if text.isascii() else text[lead:].encode()
        self._depth = 0

    def span(self, node: ast.AST) -> Span:
        """The place of a node: the parser counts bytes, we count letters."""
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 1)
        if self._bytes is not None:
            start, end = len(self._bytes[:start].decode()), len(self._bytes[:end].decode())
        return self._place(self._lead + start, self._lead + end)

    def error(self, rule: str, node: ast.AST, message: str, help: str | None = None) -> None:
        """Note a mistake under a node."""
        self.reading.error(rule, self.span(node), message, help)

    def truth(self, node: ast.expr) -> Expression | None:
        """A part that is yes or no."""
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                self.error("bad-condition", node, "This condition is too deeply nested.")
                return None
            return self._truth(node)
        finally:
            self._depth -= 1

    def _truth(self, node: ast.expr) -> Expression | None:
        match node:
            case ast.BoolOp(op, values):
                parts = [self.truth(value) for value in values]
                bound = tuple(part for part in parts if part is not None)
                if len(bound) < len(parts):
                    return None
                return All(bound, self.span(node)) if isinstance(op, ast.And) else Any(bound, self.span(node))
            case ast.UnaryOp(ast.Not(), inner):
                body = self.truth(inner)
                return None if body is None else Not(body, self.span(node))
            case ast.Compare():
                return self._comparison(node)
            case ast.Constant(bool() as value):
                return Constant(value, self.span(node))
            case ast.Call():
                called = bind_call(self, node)
                if isinstance(called, DaysSince | DaysUntil | Touches):
                    message = f"`{self._source(node)}` is a number, not yes or no."
                    self.error("condition-type", node, message, f"Compare it, for example: {self._source(node)} > 7")
                    return None
                return called
            case ast.Name():
                return self._truth_of_field(node)
            case ast.Constant(None):
                self.error("condition-type", node, "`None` stands here alone.", "Write `field is None`.")
            case ast.Constant():
                message = f"{self._source(node)} stands here alone; it is neither yes nor no."
                self.error("condition-type", node, message, "Compare it with a field.")
            case _:
                self._refuse(node)
        return None

    def _truth_of_field(self, node: ast.Name) -> Expression | None:
        bound = self.field(node)
        if bound is None:
            return None
        if bound.type is Type.BOOLEAN:
            return Truth(bound, bound.span)
        example = {
            Type.TEXT: f'{bound.name} == "…"',
            Type.NUMBER: f"{bound.name} > 0",
            Type.DATE: f"days_until({bound.name}) < 30",
        }[bound.type]
        message = f"`{bound.name}` is {_TYPE_WORDS[bound.type]}, not yes or no."
        self.error("condition-type", node, message, f"Compare it: `{example}`, or `{bound.name} is not None`.")
        return None

    def field(self, node: ast.Name) -> Field | None:
        """A field of the contact, by its bare name."""
        name = node.id
        if name in CORE_TEXT_FIELDS:
            return Field(name, Type.TEXT, True, self.span(node))
        declared = self.reading.names.fields.get(name)
        if declared is not None:
            return Field(name, declared, False, self.span(node))
        if name in OTHER_LANGUAGES:
            self.error(
                "unknown-field", node, f"`{name}` is no word of this language.", f"Write `{OTHER_LANGUAGES[name]}`."
            )
        elif name in FUNCTIONS:
            function = FUNCTIONS[name]
            self.error(
                "bad-condition", node, f"`{name}` is a call and needs brackets.", f"For example: {function.example}"
            )
        elif name in self.reading.names.stages:
            message = f"`{name}` is a stage, and a text must stand in quotes."
            self.error("unknown-field", node, message, f'Write: stage == "{name}"')
        elif not self.reading.known(Sort.FIELD, name, self.span(node)):
            pass
        return None

    def operand(self, node: ast.expr) -> Operand | None:
        """Something that is compared: a field, a constant, or a call that counts."""
        match node:
            case ast.Name():
                return self.field(node)
            case ast.Constant(value) if isinstance(value, str | int | float):
                return self._literal(node, value)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)) if not isinstance(number, bool):
                return self._literal(node, -number)
            case ast.Call():
                called = bind_call(self, node)
                if called is None or isinstance(called, DaysSince | DaysUntil | Touches):
                    return called
                message = f"`{self._source(node)}` is yes or no already."
                self.error("condition-type", node, message, "Use it alone, or with `not` before it.")
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(ast.Not()):
                self.error("condition-type", node, "This part is yes or no, and cannot be compared.")
            case _:
                self._refuse(node)
        return None

    def _literal(self, node: ast.expr, value: str | int | float) -> Literal | None:
        if isinstance(value, str):
            return Literal(value, Type.TEXT, self.span(node))
        if isinstance(value, bool):
            return Literal(value, Type.BOOLEAN, self.span(node))
        if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
            self.error("condition-type", node, "This number is too large.")
            return None
        return Literal(value, Type.NUMBER, self.span(node))

    def _comparison(self, node: ast.Compare) -> Expression | None:
        if len(node.ops) > 1:
            message = "Comparisons cannot be chained."
            self.error("bad-condition", node, message, "Write two, with `and` between them: `a < b and b < c`.")
            return None
        op, left, right = node.ops[0], node.left, node.comparators[0]
        match op:
            case ast.Is() | ast.IsNot():
                return self._is_none(node, left, right, isinstance(op, ast.IsNot))
            case ast.In() | ast.NotIn():
                found = self._membership(node, left, right)
                return Not(found, found.span) if found is not None and isinstance(op, ast.NotIn) else found
            case _:
                return self._ordered(node, _SIGNS[type(op)], left, right)

    def _is_none(self, node: ast.Compare, left: ast.expr, right: ast.expr, negated: bool) -> Expression | None:
        if not (isinstance(right, ast.Constant) and right.value is None):
            sign = "!=" if negated else "=="
            self.error("bad-condition", node, "`is` asks only whether a value is missing.", f"Compare with `{sign}`.")
            return None
        operand = self.operand(left)
        if operand is None:
            return None
        if isinstance(operand, Literal):
            self.error("condition-type", left, "A constant is never missing.", "Name a field.")
            return None
        missing = Missing(operand, self.span(node))
        return Not(missing, missing.span) if negated else missing

    def _membership(self, node: ast.Compare, left: ast.expr, right: ast.expr) -> Expression | None:
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            return self._among(node, left, right.elts)
        if not isinstance(right, ast.Name):
            message = "After `in` stands a list in square brackets, or a text field."
            value = self._source(right)
            help = (
                f"For one value write: == {value}" if isinstance(right, ast.Constant) else 'role in ["user", "buyer"]'
            )
            self.error("bad-condition", right, message, help)
            return None
        field = self.field(right)
        if field is None:
            return None
        if field.type is not Type.TEXT or field.name in ("stage", "consent"):
            what = f"one of a list; write `{field.name} == …`" if field.core else _TYPE_WORDS[field.type]
            self.error("condition-type", right, f"`in` looks into text, and `{field.name}` is {what}.")
            return None
        if not (isinstance(left, ast.Constant) and isinstance(left.value, str) and left.value):
            self.error("condition-type", left, f'Before `in {field.name}` stands a text: "…" in {field.name}.')
            return None
        return Contains(left.value, field, self.span(node))

    def _among(self, node: ast.Compare, left: ast.expr, choices: list[ast.expr]) -> Expression | None:
        operand = self.operand(left)
        literals: list[Literal] = []
        for choice in choices:
            bound = self.operand(choice) if not _is_none(choice) else None
            if _is_none(choice):
                self.error("condition-type", choice, "A missing value is in no list.", "Write `… or field is None`.")
            elif bound is not None and not isinstance(bound, Literal):
                self.error("condition-type", choice, "A list holds constants only.", "Put a text in quotes.")
            elif bound is not None and operand is not None:
                fitted = self._fit(choice, bound, operand)
                literals += [] if fitted is None else [fitted]
        if not choices:
            self.error("condition-type", node, "Nothing is ever in an empty list.", "Name what it may be.")
        if isinstance(operand, Literal):
            self.error(
                "condition-type",
                left,
                "A constant in a list of constants says nothing of the contact.",
                "Name a field.",
            )
            return None
        if operand is None or len(literals) < len(choices) or not choices:
            return None
        return Among(operand, tuple(literals), self.span(node))

    def _ordered(self, node: ast.Compare, sign: str, left: ast.expr, right: ast.expr) -> Expression | None:
        for side, other in ((left, right), (right, left)):
            if _is_none(side):
                asked = "is" if sign == "==" else "is not"
                help = f"Write: {self._source(other)} {asked} None"
                self.error("bad-condition", node, f"`{sign} None` does not ask whether a value is missing.", help)
                return None
        first, second = self.operand(left), self.operand(right)
        if first is None or second is None:
            return None
        match first, second:
            case Literal(), Literal():
                self.error("condition-type", node, "Two constants are compared here.", "Name a field on one side.")
                return None
            case Literal() as literal, operand:
                first = self._fit(left, literal, operand)
            case operand, Literal() as literal:
                second = self._fit(right, literal, operand)
            case _ if type_of(first) is not type_of(second):
                message = (
                    f"`{self._source(left)}` is {_TYPE_WORDS[type_of(first)]} and `{self._source(right)}` is"
                    f" {_TYPE_WORDS[type_of(second)]}; they cannot be compared."
                )
                self.error("condition-type", node, message)
                return None
        if first is None or second is None:
            return None
        if sign not in ("==", "!=") and type_of(first) not in (Type.NUMBER, Type.DATE):
            self._unordered(node, sign, first, second)
            return None
        return Compare(sign, first, second, self.span(node))

    def _unordered(self, node: ast.Compare, sign: str, first: Operand, second: Operand) -> None:
        field = next((side for side in (first, second) if isinstance(side, Field)), None)
        message = f"`{sign}` compares numbers and dates" + (
            f", and `{field.name}` is {_TYPE_WORDS[field.type]}." if field else "."
        )
        help = None
        if field is not None and field.core and field.name == "stage":
            stages = self.reading.names.stages
            help = f"Name the stages that are meant: stage in {list(stages[-2:])}".replace("'", '"')
        self.error("condition-type", node, message, help)

    def _fit(self, node: ast.expr, literal: Literal, operand: Operand) -> Literal | None:
        """The literal as the type of what it is compared with; says so when it does not fit."""
        wanted = type_of(operand)
        if wanted is Type.DATE and literal.type is Type.TEXT:
            if not is_date(str(literal.value)):
                message = f"{self._source(node)} is not a date that exists."
                self.error("condition-type", node, message, 'Write year, month and day: "2026-11-22"')
                return None
            return Literal(literal.value, Type.DATE, literal.span)
        if wanted is not literal.type:
            named = f"`{operand.name}`" if isinstance(operand, Field) else "what it is compared with"
            message = f"{self._source(node)} is {_TYPE_WORDS[literal.type]}, and {named} is {_TYPE_WORDS[wanted]}."
            help = None
            if wanted is Type.TEXT:
                help = f'Put it in quotes: "{literal.value}"'
            elif wanted is Type.BOOLEAN and isinstance(operand, Field):
                help = f"Write `{operand.name}` or `not {operand.name}`."
            self.error("condition-type", node, message, help)
            return None
        if isinstance(operand, Field) and operand.core and isinstance(literal.value, str):
            return literal if self._listed(node, operand.name, literal.value) else None
        return literal

    def _listed(self, node: ast.expr, field: str, value: str) -> bool:
        """Stage and consent have closed lists of values."""
        if field == "stage":
            return self.reading.known(Sort.STAGE, value, self.span(node))
        if field == "consent" and value not in CONSENTS:
            near = self.reading.guess(value, CONSENTS)
            help = f"Did you mean `{near}`?" if near else f"It is one of {listed(CONSENTS)}."
            self.error("condition-type", node, f"Consent is never `{clip(value)}`.", help)
            return False
        return True

    def _refuse(self, node: ast.expr) -> None:
        match node:
            case ast.Attribute(ast.Name("contact"), attr):
                self.error("bad-condition", node, "Fields are named without `contact.`.", f"Write `{attr}`.")
            case ast.Attribute():
                self.error("bad-condition", node, "A condition has no dots.", "Write the name of the field alone.")
            case ast.BinOp(op=ast.BitAnd()):
                self.error("bad-condition", node, "`&` is no sign of this language.", "Write `and`.")
            case ast.BinOp(op=ast.BitOr()):
                self.error("bad-condition", node, "`|` is no sign of this language.", "Write `or`.")
            case ast.BinOp() | ast.UnaryOp():
                self.error("bad-condition", node, "A condition does not calculate.", "Compare fields with constants.")
            case ast.IfExp():
                self.error("bad-condition", node, "A condition has no `if`.", "Write it with `and` and `or`.")
            case ast.Set() | ast.Dict():
                self.error(
                    "bad-condition", node, "Braces are no part of a condition.", "Write conditions without them."
                )
            case ast.List() | ast.Tuple():
                self.error("bad-condition", node, "A list can stand only after `in`.")
            case ast.JoinedStr():
                self.error("bad-condition", node, "A text is written without a letter before its quote.")
            case ast.Constant(None):
                self.error("bad-condition", node, "`None` can stand only after `is` or `is not`.")
            case _:
                self.error("bad-condition", node, "This is no part of a condition.", "See the reference: conditions.")

    def _source(self, node: ast.expr) -> str:
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        data = self._bytes if self._bytes is not None else self.text[self._lead :].encode()
        return clip(data[start:end].decode())


def type_of(operand: Operand) -> Type:
    """The type of an operand's value."""
    match operand:
        case Literal() | Field():
            return operand.type
        case DaysSince() | DaysUntil() | Touches():
            return Type.NUMBER


def is_date(text: str) -> bool:
    """Whether a text is a calendar date, year-month-day, that exists."""
    if len(text) != 10 or not text.isascii():
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
