"""Python's tree of a condition -> our own closed tree, typed and bound; whatever is not listed here is refused."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable

from nurture_cli.campaign.calls import Counted, bind_call
from nurture_cli.campaign.comparisons import TYPE_WORDS, bind_comparison
from nurture_cli.campaign.decode import CONTROL
from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.expression import (
    All,
    Any,
    Constant,
    Expression,
    Field,
    Literal,
    Measure,
    Not,
    Operand,
    Truth,
    Type,
)
from nurture_cli.campaign.functions import FUNCTIONS
from nurture_cli.campaign.measures import MEASURES
from nurture_cli.campaign.names import Sort
from nurture_cli.campaign.nodes import clip
from nurture_cli.campaign.reading import Reading
from nurture_cli.records import CORE_TEXT_FIELDS

DEEPEST = 60
LARGEST_NUMBER = 10**15

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

    def can_be_stored(self, tree: ast.expr) -> bool:
        """Whether the texts of a condition can be kept by a database: an escape can name what no text may contain."""
        if "\\" not in self.text:  # without an escape, the file that it stands in has been looked at
            return True
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                hit = CONTROL.search(node.value)
                if hit is not None:
                    message = f"This escape makes a character that no text may contain (U+{ord(hit[0]):04X})."
                    help = "Leave it out, or type the character itself; a backslash is written `\\\\`."
                    self.error("bad-condition", node, message, help)
                    return False
        return True

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
                return bind_comparison(self, node)
            case ast.Constant(bool() as value):
                return Constant(value, self.span(node))
            case ast.Call():
                called = bind_call(self, node)
                if isinstance(called, Counted):
                    message = f"`{self.source(node)}` is a number, not yes or no."
                    self.error("condition-type", node, message, f"Compare it, for example: {self.source(node)} > 7")
                    return None
                return called
            case ast.Name():
                return self._truth_of_field(node)
            case ast.Constant(None):
                self.error("condition-type", node, "`None` cannot be a condition by itself.", "Write `field is None`.")
            case ast.Constant():
                message = f"{self.source(node)} is neither yes nor no, so it cannot be a condition by itself."
                self.error("condition-type", node, message, "Compare it with a field.")
            case _:
                self._refuse(node)
        return None

    def _truth_of_field(self, node: ast.Name) -> Expression | None:
        measured = self.measure(node)
        if measured is not None:
            example = MEASURES[measured.name].example
            message = f"`{measured.name}` is {TYPE_WORDS[measured.type]}, not yes or no."
            self.error("condition-type", node, message, f"Compare it: `{example}`.")
            return None
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
        message = f"`{bound.name}` is {TYPE_WORDS[bound.type]}, not yes or no."
        self.error("condition-type", node, message, f"Compare it: `{example}`, or `{bound.name} is not None`.")
        return None

    def measure(self, node: ast.Name) -> Measure | None:
        """A fact that is worked out, by its name; None when the name is none of them."""
        known = MEASURES.get(node.id)
        return None if known is None else Measure(known.name, known.gives, self.span(node))

    def means_tags(self, node: ast.expr) -> bool:
        """Whether a name stands for the contact's tags, and no field is called so."""
        names = self.reading.names
        named = isinstance(node, ast.Name) and node.id in ("tag", "tags") and node.id not in names.fields
        return named and Sort.FIELD not in names.unsure

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
                "unknown-field", node, f"Conditions do not know the word `{name}`.", f"Write `{OTHER_LANGUAGES[name]}`."
            )
        elif name in MEASURES:
            message = f"`{name}` is a measure and cannot be used here."
            self.error("bad-condition", node, message, f"Compare it: `{MEASURES[name].example}`")
        elif name in FUNCTIONS:
            function = FUNCTIONS[name]
            self.error("bad-condition", node, f"`{name}` needs brackets.", f"For example: {function.example}")
        elif self.means_tags(node):
            self.error("unknown-field", node, "Tags are no field.", f"For example: {FUNCTIONS['tag'].example}")
        elif name in self.reading.names.stages:
            message = f"`{name}` is a stage, and text must be in quotes."
            self.error("unknown-field", node, message, f'Write: stage == "{name}"')
        elif not self.reading.known(Sort.FIELD, name, self.span(node)):
            pass
        return None

    def operand(self, node: ast.expr) -> Operand | None:
        """Something that is compared: a field, a constant, or a call that counts."""
        match node:
            case ast.Name():
                return self.measure(node) or self.field(node)
            case ast.Constant(value) if isinstance(value, str | int | float):
                return self._literal(node, value)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)) if not isinstance(number, bool):
                return self._literal(node, -number)
            case ast.Call():
                called = bind_call(self, node)
                if called is None or isinstance(called, Counted):
                    return called
                message = f"`{self.source(node)}` is yes or no already."
                self.error("condition-type", node, message, "Use it by itself, or with `not` before it.")
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(ast.Not()):
                self.error("condition-type", node, "This part is yes or no already, so it cannot be compared.")
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

    def _refuse(self, node: ast.expr) -> None:
        match node:
            case ast.Attribute(ast.Name("contact"), attr):
                self.error("bad-condition", node, "Fields are written without `contact.`.", f"Write `{attr}`.")
            case ast.Attribute():
                self.error("bad-condition", node, "A condition has no dots.", "Write only the name of the field.")
            case ast.BinOp(op=ast.BitAnd()):
                self.error("bad-condition", node, "`&` has no meaning in conditions.", "Write `and`.")
            case ast.BinOp(op=ast.BitOr()):
                self.error("bad-condition", node, "`|` has no meaning in conditions.", "Write `or`.")
            case ast.BinOp() | ast.UnaryOp():
                self.error("bad-condition", node, "Conditions cannot calculate.", "Compare a field with a value.")
            case ast.IfExp():
                self.error("bad-condition", node, "A condition has no `if`.", "Write it with `and` and `or`.")
            case ast.Set() | ast.Dict():
                self.error("bad-condition", node, "Conditions have no braces.", "Write the condition without them.")
            case ast.List() | ast.Tuple():
                self.error("bad-condition", node, "A list is only allowed after `in`.")
            case ast.JoinedStr():
                self.error("bad-condition", node, "Text has no letter before its quote.")
            case ast.Constant(None):
                self.error("bad-condition", node, "`None` is only allowed after `is` or `is not`.")
            case _:
                self.error(
                    "bad-condition",
                    node,
                    "This is not allowed in a condition.",
                    "The reference lists what is: Conditions.",
                )

    def source(self, node: ast.expr) -> str:
        """The text of a node, for a message."""
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        data = self._bytes if self._bytes is not None else self.text[self._lead :].encode()
        return clip(data[start:end].decode())
