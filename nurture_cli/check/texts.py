"""The template texts of a project: where each stands, which names it looks up, and what makes it no template.

Reading a text with Jinja costs half a millisecond. Most texts have no statements, only `{{ … }}` in prose, and most of
those stand in many texts: each different one is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.model import Asset
from nurture_cli.message.names import NameUse, Problem, includes, names_used, syntax_problem
from nurture_cli.message.piece import Piece

_PRINTED = re.compile(r"\{\{[^{}\n]*\}\}")
_MARK = re.compile(r"\{[{%#]|[}%#]\}")


@dataclass(frozen=True)
class Text:
    """One template text: a subject, a preheader, a body, or a whole layout or partial.

    `line` and `column` are the place of its first letter in the file; a column of 0 means that the file writes the text
    in another way (folded, escaped), so that only `span` as a whole can be shown.
    """

    file: str
    text: str
    line: int
    column: int
    span: Span
    asset: Asset | None  # None for a layout or partial
    reader: Reader = field(repr=False)

    def place(self, start: int, end: int) -> Span:
        """The place in the file of the letters from `start` to `end`, cut at the end of the line."""
        if self.column == 0:
            return self.span
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", start)
        last = end if stop == -1 else min(end, stop)
        lead = self.column if begin == 0 else 1
        line = self.line + self.text.count("\n", 0, start)
        return Span(self.file, line, lead + start - begin, lead + max(last, start + 1) - begin)

    def whole_line(self, number: int) -> Span:
        """The place of a line of the text, counted from 1."""
        if self.column == 0:
            return self.span
        lines = self.text.split("\n")
        number = min(max(number, 1), len(lines))
        before = sum(len(line) + 1 for line in lines[: number - 1])
        words = lines[number - 1]
        return self.place(before + len(words) - len(words.lstrip()), before + len(words.rstrip()))

    @cached_property
    def names(self) -> tuple[tuple[str, Span], ...]:
        """Every name that the text looks up, with its place; nothing when it is no template."""
        found = self.reader.in_prose(self.text)
        if found is None:
            return tuple((use.name, self._span_of(use)) for use in self.reader.names(self.text))
        return tuple((name, self.place(start, start + length)) for name, start, length in found)

    @cached_property
    def problem(self) -> tuple[Problem, Span] | None:
        """The first thing that makes the text no template, with its place."""
        if self.reader.in_prose(self.text) is not None:
            return None
        found = syntax_problem(Piece(self.file, self.text))
        return None if found is None else (found, self.whole_line(found.line))

    @cached_property
    def included(self) -> tuple[tuple[str, Span], ...]:
        """Every file that the text includes, extends or imports, with its place."""
        if "{%" not in self.text:
            return ()
        return tuple((use.name, self._span_of(use)) for use in includes(Piece(self.file, self.text)))

    def _span_of(self, use: NameUse) -> Span:
        if use.col == 0:
            return self.whole_line(use.line)
        start = sum(len(line) + 1 for line in self.text.split("\n")[: use.line - 1]) + use.col - 1
        return self.place(start, start + len(use.name))


class Reader:
    """Reads template texts, and what is printed in them each once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, int], ...] | None] = {}

    def in_prose(self, text: str) -> tuple[tuple[str, int, int], ...] | None:
        """The names in a sound text of nothing but prose and `{{ … }}`: name, offset, length; None for any other."""
        if "{" not in text and "}" not in text:
            return ()
        found: list[tuple[str, int, int]] = []
        for hit in _PRINTED.finditer(text):
            names = self._printed(hit[0])
            if names is None:
                return None
            found += [(name, hit.start() + offset, len(name)) for name, offset in names]
        return None if _MARK.search(_PRINTED.sub("", text)) else tuple(found)

    def names(self, text: str) -> list[NameUse]:
        """The names in any text, by line and column of the text."""
        return names_used(Piece("", text))

    def _printed(self, tag: str) -> tuple[tuple[str, int], ...] | None:
        if tag not in self._known:
            piece = Piece("", tag)
            uses = names_used(piece) if syntax_problem(piece) is None else None
            sound = uses is not None and all(use.col for use in uses)
            self._known[tag] = tuple((use.name, use.col - 1) for use in uses or ()) if sound else None
        return self._known[tag]


def texts_of(
    assets: tuple[Asset, ...], partials: Mapping[str, str], line_of: Callable[[str, int], str]
) -> Iterator[Text]:
    """Every template text: those of the assets, then the partials (file -> text); `line_of` gives a line of a file."""
    reader = Reader()
    for asset in assets:
        for key, text in (("subject", asset.subject), ("preheader", asset.preheader)):
            span = asset.places.get(key)
            if span is not None and text:
                written = line_of(span.file, span.line)
                column = written.find(text, span.col - 1) + 1
                yield Text(asset.file, text, span.line, column, span, asset, reader)
        yield Text(asset.file, asset.body, asset.body_line, 1, asset.span, asset, reader)
    for file, text in partials.items():
        yield Text(file, text, 1, 1, Span(file, 1, 1, 2), None, reader)
