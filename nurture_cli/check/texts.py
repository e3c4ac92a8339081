"""The template texts of a project: where each is, which names it looks up, and why it may be no template.

Reading a text with Jinja takes milliseconds, and a project has hundreds. Most texts are prose with the same few
`{{ … }}` and `if`s: each different one is read once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.message.names import NameUse, Problem, includes, names_used, syntax_problem
from nurture_cli.message.piece import Piece
from nurture_cli.message.placeholders import Placeholder, foreign_placeholders
from nurture_cli.text.diagnostic import Span

_SIMPLE = re.compile(
    r"(?<!\{)\{(?:\{(?P<printed>[^{}\n]*)\}|%[-+]?\s*(?P<word>if|elif|else|endif)\b(?P<condition>[^{}%\n]*?)[-+]?%)\}"
)
MOST_NEW = 200  # different insides of tags in one text, after which it is read as a whole, as far as that is bounded
_MARK = re.compile(r"\{[{%#]|[}%#]\}")
_INCLUDING = re.compile(r"include|extends|import")


@dataclass(frozen=True)
class TemplateText:
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
    form: BodyFormat | None  # None for a subject or preheader
    reader: TemplateReader = field(repr=False)

    def place(self, start: int, end: int) -> Span:
        """The place in the file of the letters from `start` to `end`, cut at the end of the line."""
        if self.column == 0:
            return self.span
        number = bisect_right(self._starts, start)
        begin = self._starts[number - 1]
        stop = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        lead = self.column if number == 1 else 1
        return Span(
            self.file, self.line + number - 1, lead + start - begin, lead + max(min(end, stop), start + 1) - begin
        )

    def start_of(self, number: int) -> int:
        """The offset in the text of its line `number`, counted from 1."""
        return self._starts[number - 1] if number <= len(self._starts) else len(self.text)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """The offset of each line."""
        return (0, *(hit.end() for hit in re.finditer("\n", self.text)))

    def whole_line(self, number: int) -> Span:
        """The place of a line of the text, counted from 1."""
        begin = self.start_of(number)
        words = self.text[begin:].split("\n", 1)[0]
        return self.place(begin + len(words) - len(words.lstrip()), begin + len(words.rstrip()))

    @cached_property
    def names(self) -> tuple[tuple[str, Span], ...]:
        """Every name that the text looks up, with its place; nothing when it is no template."""
        if self._simple is None:
            return tuple((use.name, self._span_of(use)) for use in names_used(Piece(self.file, self.text)))
        return tuple((name, self.place(start, start + length)) for name, start, length in self._simple)

    @cached_property
    def problem(self) -> tuple[Problem, Span] | None:
        """The first mistake that keeps the text from being a template, with its place."""
        if self._simple is not None:
            return None
        found = syntax_problem(Piece(self.file, self.text))
        return None if found is None else (found, self.whole_line(found.line))

    @cached_property
    def unfilled(self) -> tuple[tuple[Placeholder, Span], ...]:
        """Every placeholder that nothing fills, with its place."""
        found = foreign_placeholders(Piece(self.file, self.text), self.form)
        starts = ((one, self.start_of(one.line) + one.col - 1) for one in found)
        return tuple((one, self.place(start, start + len(one.text))) for one, start in starts)

    @cached_property
    def included(self) -> tuple[tuple[str, Span], ...]:
        """Every file that the text includes, extends or imports, with its place."""
        if not _INCLUDING.search(self.text):
            return ()
        return tuple((use.name, self._span_of(use)) for use in includes(Piece(self.file, self.text)))

    @cached_property
    def _simple(self) -> tuple[tuple[str, int, int], ...] | None:
        return self.reader.simple(self.text)

    def _span_of(self, use: NameUse) -> Span:
        if use.col == 0:
            return self.whole_line(use.line)
        start = self.start_of(use.line) + use.col - 1
        return self.place(start, start + len(use.name))


class TemplateReader:
    """Reads template texts, and the insides of `{{ … }}` and `{% if … %}` once each."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, int], ...] | None] = {}

    def simple(self, text: str) -> tuple[tuple[str, int, int], ...] | None:
        """The names in a sound text of prose, `{{ … }}` and `if`s, as (name, offset, length); None for any other."""
        if "{" not in text and "}" not in text:
            return ()
        found: list[tuple[str, int, int]] = []
        new = 0
        open_ifs: list[str] = []  # the last word of each `if` that is not closed
        for hit in _SIMPLE.finditer(text):
            word = hit["word"]
            if not _follows(word, open_ifs):
                return None
            part = "printed" if word is None else "condition"
            new += hit[part] not in self._known
            if new > MOST_NEW:
                return None
            names = self._names_in(hit[part]) if word not in ("else", "endif") else ()
            if names is None or (word in ("else", "endif") and hit[part].strip()):
                return None
            found += [(name, hit.start(part) + offset, len(name)) for name, offset in names]
        return None if open_ifs or _MARK.search(_SIMPLE.sub(" ", text)) else tuple(found)

    def _names_in(self, expression: str) -> tuple[tuple[str, int], ...] | None:
        """The names in an expression with their offsets; None when it is not one, or a name's place is not known."""
        if expression not in self._known:
            piece = Piece("", f"{{{{{expression}}}}}")
            uses = names_used(piece) if syntax_problem(piece) is None else None
            placed = uses is not None and all(use.col for use in uses)
            self._known[expression] = tuple((use.name, use.col - 3) for use in uses or ()) if placed else None
        return self._known[expression]


def _follows(word: str | None, open_ifs: list[str]) -> bool:
    """Whether the word of a statement is allowed here; remembers it."""
    match word:
        case None:
            return True
        case "if":
            open_ifs.append(word)
            return True
        case "endif" if open_ifs:
            open_ifs.pop()
            return True
        case _ if open_ifs and open_ifs[-1] != "else":
            open_ifs[-1] = word
            return True
        case _:
            return False


def texts_of(
    assets: tuple[Asset, ...], partials: Mapping[str, str], line_of: Callable[[str, int], str]
) -> Iterator[TemplateText]:
    """Every template text: those of the assets, then the partials (file -> text); `line_of` gives a line of a file."""
    reader = TemplateReader()
    for asset in assets:
        for key, text in (("subject", asset.subject), ("preheader", asset.preheader)):
            span = asset.places.get(key)
            if span is not None and text:
                written = line_of(span.file, span.line)
                column = written.find(text, span.col - 1) + 1
                yield TemplateText(asset.file, text, span.line, column, span, asset, None, reader)
        yield TemplateText(asset.file, asset.body, asset.body_line, 1, asset.span, asset, asset.format, reader)
    for file, text in partials.items():
        yield TemplateText(file, text, 1, 1, Span(file, 1, 1, 2), None, BodyFormat(file.rpartition(".")[2]), reader)
