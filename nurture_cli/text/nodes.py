"""Located YAML: nodes, each with its place, and the way back from a text to the characters in the file.

Lines and columns count from 1, columns in code points; `end` is exclusive. A block collection is placed at its first
key or dash, because that is where a reader looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture_cli.text.diagnostic import Span

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}\Z")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


@dataclass(slots=True, eq=False)
class Source:
    """The YAML text of a file, or of its front matter; `line` is the number of the text's first line in the file."""

    file: str
    text: str
    line: int = 1

    def span(self, start: int, end: int, line: int) -> Span:
        """The place of the characters from `start`, which is on line `line` of the file, to `end` or the line's end."""
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", start, end)
        last = end if stop == -1 else stop
        return Span(self.file, line, start - begin + 1, max(last, start) - begin + 1)


@dataclass(slots=True, eq=False)  # not frozen: thousands are made, and a frozen one costs four times as much
class Scalar:
    """A text as YAML gives it.

    `style` is '' when plain, else one of ' " | >; `start` and `end` are offsets in the source; `line`, `col` and
    `last` are its place in the file, `last` 0 when it ends on another line.
    """

    text: str
    style: str
    source: Source
    start: int
    end: int
    line: int
    col: int
    last: int

    @property
    def span(self) -> Span:
        """Its place, to the end of its first line."""
        if self.last:
            return Span(self.source.file, self.line, self.col, self.last)
        return self.source.span(self.start, self.end, self.line)

    @property
    def value(self) -> str | int | float | bool | None:
        """The scalar's value by the rules of YAML 1.2, read with care: a number only if it is written like one."""
        text = self.text
        if self.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text[0] in "+-0123456789":
            if _WHOLE.match(text):
                return int(text)
            if _FLOAT.match(text) and not text.endswith("0"):  # 1.10 is not a number: a version, a price, a date
                return float(text)
        return text

    def place(self, start: int, end: int) -> Span:
        """Where the characters from `start` to `end` of `text` are in the file."""
        lead = 1 if self.style and self.style in "'\"" else 0
        if "\n" not in self.text and self.source.text.startswith(self.text, self.start + lead):
            col = self.col + lead
            return Span(self.source.file, self.line, col + start, col + max(end, start))
        offsets = self._offsets()
        begin = offsets[min(start, len(offsets) - 1)]
        stop = offsets[min(end, len(offsets)) - 1] + 1 if end > start else begin
        return self.source.span(begin, stop, self.line + self.source.text.count("\n", self.start, begin))

    def _offsets(self) -> list[int]:
        """For each character of `text`, and for its end, the offset in the source, with folding and escapes undone."""
        raw, at, end = self.source.text, self.start, self.end
        if self.style and self.style in "|>":
            at = raw.find("\n", at) + 1 or end
        elif self.style:
            at += 1
        found: list[int] = []
        for letter in self.text:
            while at < end and raw[at] != letter:
                here = raw[at]
                if self.style == '"' and here == "\\" and raw[at + 1] != "\n":
                    break
                if here == "\n" and letter == " ":
                    break  # a line end folded into a space
                if here not in " \t\n\\":
                    break
                at += 1
            found.append(at)
            at = min(end, at + self._length(at, letter))
        found.append(at)
        return found

    def _length(self, at: int, letter: str) -> int:
        """How many characters of the source make one character of the text."""
        raw = self.source.text
        if self.style == '"' and raw.startswith("\\", at):
            return _ESCAPE_LENGTHS.get(raw[at + 1 : at + 2], 2)
        return 2 if self.style == "'" and letter == "'" else 1


@dataclass(slots=True, eq=False)
class ListNode:
    """A sequence; `flow` when written in square brackets."""

    span: Span
    items: tuple[Node, ...]
    flow: bool


@dataclass(slots=True, eq=False)
class MapNode:
    """A mapping without repeated keys, in file order; `flow` when written in braces."""

    span: Span
    entries: tuple[tuple[Scalar, Node], ...]
    flow: bool

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None


@dataclass(slots=True, eq=False)
class BrokenNode:
    """A value that was refused, and whose reason was given, so that nothing else complains about it."""

    span: Span


Node = Scalar | ListNode | MapNode | BrokenNode

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def describe(node: Node) -> str:
    """What a node is, in words for a message."""
    match node:
        case ListNode():
            return "a list"
        case MapNode():
            return "a mapping"
        case BrokenNode():
            return "something unreadable"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool() as truth):
            return f"`{node.text}`, which means {'yes' if truth else 'no'}"
        case Scalar(value=int() | float()):
            return f"the number {node.text}"
        case Scalar():
            return f"the text `{clip(node.text)}`"


def clip(text: str, width: int = 40) -> str:
    """A text on one line, shortened for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
