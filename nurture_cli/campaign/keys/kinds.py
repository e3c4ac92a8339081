"""What a value may be: for each kind its words, its JSON Schema, and how it is read from a node.

`read` returns None after it has said what is wrong; a value that was refused earlier is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from nurture_cli.language.condition import read_condition
from nurture_cli.language.expression import Condition, Constant
from nurture_cli.language.names import NameKind, listed
from nurture_cli.language.reading import Reading
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar, clip, describe
from nurture_cli.timing import NoTime, is_date

JsonSchema = dict[str, Any]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
Option = TypeVar("Option", bound=str)
LONGEST_NAME = 64
LONGEST_NOTATION = 1_000


class Kind(Protocol):
    """One kind of value."""

    @property
    def words(self) -> str:
        """The kind in words: `must be …`."""

    def json(self) -> JsonSchema:
        """The kind as JSON Schema (draft 7)."""

    def read(self, node: Node, reading: Reading, key: str) -> Any:
        """The value; None after saying what is wrong."""


def wrong_type(words: str, node: Node, reading: Reading, key: str) -> None:
    """Say that a node is not of the kind that its key takes."""
    if isinstance(node, BrokenNode):
        return
    help = None
    if isinstance(node, Scalar) and node.value is None:
        message, help = f"`{key}` has no value; it must be {words}.", "Give it one, or remove the key."
    else:
        message = f"`{key}` must be {words}; this is {describe(node)}."
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            help = f'If the word itself is meant, put it in quotes: "{node.text}"'
        elif words == Text().words and isinstance(node, ListNode | MapNode):
            brackets = "[…]" if isinstance(node, ListNode) else "{…}"
            help = f'A text that begins with `{brackets[0]}` must be in quotes: `{key}: "{brackets}"`'
    reading.error("wrong-type", node.span, message, help)


@dataclass(slots=True, eq=False)
class Text:
    """Free text on one line, of at most `most` characters; `lines` when it may have several."""

    most: int = 1_000
    lines: bool = False
    blank: bool = False

    @property
    def words(self) -> str:
        return "text"

    def json(self) -> JsonSchema:
        return {"type": ["string", "number"]}

    def read(self, node: Node, reading: Reading, key: str) -> str | None:
        text = text_of(self, node, reading, key)
        if text is None:
            return None
        if not self.blank and not text.strip():
            reading.error("wrong-type", node.span, f"`{key}` is empty.", "Write something, or remove the key.")
            return None
        if not self.lines and "\n" in text.strip():
            reading.error(
                "wrong-type",
                node.span,
                f"`{key}` must be on one line.",
                "Write `>` instead of `|`, and the lines join.",
            )
            return None
        if len(text) > self.most:
            message = f"`{key}` has {len(text):,} characters; the limit is {self.most:,}."
            reading.error("wrong-type", node.span, message)
            return None
        return text.strip()


def text_of(kind: Kind, node: Node, reading: Reading, key: str) -> str | None:
    """The text of a scalar; a plain number counts as its text, yes, no and nothing do not."""
    if isinstance(node, Scalar) and not (node.value is None or isinstance(node.value, bool)):
        return node.text
    wrong_type(kind.words, node, reading, key)
    return None


@dataclass(slots=True, eq=False)
class Choice(Generic[Option]):
    """One word of a closed list; of the words of an enum, its member."""

    options: tuple[Option, ...]

    @property
    def words(self) -> str:
        return ("one of " if len(self.options) > 1 else "") + listed(self.options, 20)

    def json(self) -> JsonSchema:
        return {"enum": list(self.options)}

    def read(self, node: Node, reading: Reading, key: str) -> Option | None:
        if isinstance(node, Scalar):
            for option in self.options:
                if option == node.text:
                    return option
        if not isinstance(node, Scalar) or node.value is None:
            wrong_type(self.words, node, reading, key)
            return None
        near = reading.guess(node.text, self.options)
        message = f"`{key}` must be {self.words}, not `{clip(node.text)}`."
        reading.error("wrong-type", node.span, message, f"Did you mean `{near}`?" if near else None)
        return None


@dataclass(slots=True, eq=False)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"

    def json(self) -> JsonSchema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def read(self, node: Node, reading: Reading, key: str) -> int | None:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
            return value
        wrong_type(self.words, node, reading, key)
        return None


class YesNo:
    """`true` or `false`."""

    @property
    def words(self) -> str:
        return "`true` or `false`"

    def json(self) -> JsonSchema:
        return {"type": "boolean"}

    def read(self, node: Node, reading: Reading, key: str) -> bool | None:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        wrong_type(self.words, node, reading, key)
        return None


@dataclass(slots=True, eq=False)
class Written:
    """Text in a notation that `parse` reads or refuses with a sentence (ValueError); `rule` names the finding."""

    words: str
    rule: str
    parse: Callable[[str], Any]
    pattern: str | None = None
    without: str | None = None  # what it is called when a length of time is left out; nobody needs to write zero
    number: bool = False  # what an editor may take for a number

    def json(self) -> JsonSchema:
        kind: JsonSchema = {"type": ["string", "number"] if self.number else "string"}
        return kind if self.pattern is None else {**kind, "pattern": self.pattern}

    def read(self, node: Node, reading: Reading, key: str) -> Any:
        text = text_of(self, node, reading, key)
        if text is None:
            return None
        text = text.strip()
        if len(text) > LONGEST_NOTATION or "\n" in text:
            reading.error(self.rule, node.span, f"`{key}` must be {self.words}, on one line; this is too long.")
            return None
        try:
            return self.parse(text)
        except ValueError as error:
            nothing = isinstance(error, NoTime) and self.without is not None
            help = f"Leave the line out for {self.without}." if nothing else None
            reading.error(self.rule, node.span, str(error), help)
            return None


class Name:
    """A name that is declared here."""

    @property
    def words(self) -> str:
        return "a name (lowercase letters, digits, `-` and `_`)"

    def json(self) -> JsonSchema:
        return {"type": ["string", "integer"], "pattern": NAME.pattern.replace("\\Z", "$")}

    def read(self, node: Node, reading: Reading, key: str) -> str | None:
        if not isinstance(node, Scalar):
            wrong_type(self.words, node, reading, key)
            return None
        return name_of(node, reading, key)


def name_of(node: Scalar, reading: Reading, key: str) -> str | None:
    """A scalar as a name; says so when it is not one."""
    if NAME.match(node.text) and len(node.text) <= LONGEST_NAME:
        return node.text
    message = f"`{clip(node.text)}` cannot be a name here ({key})." if node.text else f"The name is empty ({key})."
    help = f"A name has 1 to {LONGEST_NAME} lowercase letters a-z, digits, `-` and `_`; the first is a letter or digit."
    reading.error("bad-name", node.span, message, help)
    return None


@dataclass(slots=True, eq=False)
class Reference:
    """The name of something that is declared elsewhere."""

    sort: NameKind

    @property
    def words(self) -> str:
        return f"the name of {'an' if self.sort[0] in 'ae' else 'a'} {self.sort}"

    def json(self) -> JsonSchema:
        return {"type": ["string", "integer"]}

    def read(self, node: Node, reading: Reading, key: str) -> str | None:
        text = text_of(self, node, reading, key)
        return text if text is not None and reading.known(self.sort, text, node.span) else None


class When:
    """A condition."""

    @property
    def words(self) -> str:
        return "a condition"

    def json(self) -> JsonSchema:
        return {"type": ["string", "boolean"]}

    def read(self, node: Node, reading: Reading, key: str) -> Condition | None:
        if not isinstance(node, Scalar) or node.value is None:
            wrong_type(self.words, node, reading, key)
            return None
        if isinstance(node.value, bool):
            return Condition(str(node.value), Constant(node.value, node.span), node.span)
        return read_condition(node.text, node.span, reading, node.place)


class DateText:
    """A calendar date."""

    @property
    def words(self) -> str:
        return "a date such as `2026-12-24`"

    def json(self) -> JsonSchema:
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

    def read(self, node: Node, reading: Reading, key: str) -> str | None:
        text = text_of(self, node, reading, key)
        if text is None or is_date(text):
            return text
        message = f"`{clip(text)}` is not a date that exists; `{key}` must be {self.words}."
        reading.error("bad-date", node.span, message)
        return None


@dataclass(slots=True, eq=False)
class ListOf:
    """A list; `single` when one value alone counts as a list of one, `once` when no item may appear twice."""

    item: Kind
    single: bool = False
    once: bool = True
    least: int = 0

    @property
    def words(self) -> str:
        return f"a list, each item {self.item.words}" + (", or one alone" if self.single else "")

    def json(self) -> JsonSchema:
        listing: JsonSchema = {"type": "array", "items": self.item.json()}
        if self.least:
            listing["minItems"] = self.least
        return {"anyOf": [self.item.json(), listing]} if self.single else listing

    def read(self, node: Node, reading: Reading, key: str) -> tuple[Any, ...] | None:
        if self.single and isinstance(node, Scalar):
            value = self.item.read(node, reading, key)
            return None if value is None else (value,)
        if not isinstance(node, ListNode):
            wrong_type(self.words, node, reading, key)
            return None
        if len(node.items) < self.least:
            reading.error("wrong-type", node.span, f"`{key}` needs {self.least} or more items.")
        if self.once:
            _repeated(node.items, reading, key)
        values = [self.item.read(item, reading, key) for item in node.items]
        return tuple(value for value in values if value is not None)


def _repeated(items: Sequence[Node], reading: Reading, key: str) -> None:
    first: dict[str, Scalar] = {}
    for item in items:
        if isinstance(item, Scalar) and first.setdefault(item.text, item) is not item:
            message = f"`{clip(item.text)}` appears twice in `{key}`."
            related = ((first[item.text].span, "first here"),)
            reading.error("repeated-item", item.span, message, "Keep one of the two.", related)


@dataclass(slots=True, eq=False)
class MapOf:
    """A mapping whose keys are names that the user chooses; its value is (key, value) pairs in file order."""

    key: Kind
    value: Kind
    what: str  # what one key names

    @property
    def words(self) -> str:
        return f"a mapping from {self.what} to {self.value.words}"

    def json(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": self.value.json()}

    def read(self, node: Node, reading: Reading, key: str) -> tuple[tuple[Scalar, Any], ...] | None:
        if not isinstance(node, MapNode):
            wrong_type(self.words, node, reading, key)
            return None
        pairs: list[tuple[Scalar, Any]] = []
        for name, value in node.entries:
            known = self.key.read(name, reading, self.what)
            read = self.value.read(value, reading, name.text)
            if known is not None and read is not None:
                pairs.append((name, read))
        return tuple(pairs)


@dataclass(slots=True, eq=False)
class Raw:
    """A value that its builder reads on its own; here only its shape is checked."""

    words: str
    shape: type
    schema: Callable[[], JsonSchema]

    def json(self) -> JsonSchema:
        return self.schema()

    def read(self, node: Node, reading: Reading, key: str) -> Node | None:
        if isinstance(node, self.shape) and not (isinstance(node, Scalar) and node.value is None):
            return node
        wrong_type(self.words, node, reading, key)
        return None
