"""One condition as it is written: where its parts stand, what its names mean, and what is wrong with it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from nurture_cli.language.expression import MEASURES, Field, Measure, Type
from nurture_cli.language.functions import FUNCTIONS
from nurture_cli.language.names import NameKind
from nurture_cli.language.reading import Reading
from nurture_cli.records import CORE_TEXT_FIELDS
from nurture_cli.text.decode import CONTROL
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import clip

OTHER_LANGUAGES = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None", "TRUE": "True",
                    "FALSE": "False", "NULL": "None"}  # fmt: skip


class ConditionText:
    """The text of a condition and the reading that takes its mistakes; a look-up returns None after noting one."""

    def __init__(self, text: str, lead: int, place: Callable[[int, int], Span], reading: Reading) -> None:
        self.text = text
        self.reading = reading
        self._lead = lead
        self._place = place
        self._bytes = None if text.isascii() else text[lead:].encode()

    def span(self, node: ast.AST) -> Span:
        """The place of a node: the parser counts bytes, we count letters."""
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 1)
        if self._bytes is not None:
            start, end = len(self._bytes[:start].decode()), len(self._bytes[:end].decode())
        return self._place(self._lead + start, self._lead + end)

    def error(self, rule: str, node: ast.AST, message: str, help: str | None = None) -> None:
        """Note a mistake under a node."""
        self.reading.error(rule, self.span(node), message, help)

    def source(self, node: ast.expr) -> str:
        """The text of a node, for a message."""
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        data = self._bytes if self._bytes is not None else self.text[self._lead :].encode()
        return clip(data[start:end].decode())

    def can_be_stored(self, tree: ast.expr) -> bool:
        """Whether a database can keep the texts of a condition: an escape can name what no text may contain."""
        if "\\" not in self.text:  # without an escape, the check of the file has found it
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

    def measure(self, node: ast.Name) -> Measure | None:
        """A fact that nurture works out, by its name; None when the name is not one of them."""
        known = MEASURES.get(node.id)
        return None if known is None else Measure(known, self.span(node))

    def means_tags(self, node: ast.expr) -> bool:
        """Whether a name means the contact's tags, and no field has this name."""
        names = self.reading.names
        named = isinstance(node, ast.Name) and node.id in ("tag", "tags") and node.id not in names.fields
        return named and NameKind.FIELD not in names.unsure

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
            self.error("unknown-field", node, "Tags are not a field.", f"For example: {FUNCTIONS['tag'].example}")
        elif name in self.reading.names.stages:
            message = f"`{name}` is a stage, and text must be in quotes."
            self.error("unknown-field", node, message, f'Write: stage == "{name}"')
        elif not self.reading.known(NameKind.FIELD, name, self.span(node)):
            pass
        return None

    def refuse(self, node: ast.expr) -> None:
        """Note that a part is not allowed, and what to write instead."""
        match node:
            case ast.Attribute(ast.Name("contact"), attr):
                self.error("bad-condition", node, "Write fields without `contact.`.", f"Write `{attr}`.")
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
                    "See Conditions in the reference.",
                )
