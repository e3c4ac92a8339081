"""Findings of `check` as text with a caret under the exact word, as JSON, and as annotations for GitHub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nurture_cli.cli import output
from nurture_cli.cli.inert import inert, inert_characters, width
from nurture_cli.plural import how_many
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

TAB = 4  # columns that a tab is drawn as
LONGEST_LINE = 160  # columns of a source line that are shown, on a terminal no more than it has room for
SHORTEST_LINE = 40  # however narrow a terminal is; a longer line is cut around the caret
AROUND = 10 * LONGEST_LINE  # characters of it that are looked at on each side of the caret

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML counts as the end of a line
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}
_BOLD, _OFF = "\x1b[1m", "\x1b[0m"
_IN_MESSAGE, _IN_PROPERTIES = "%\r\n", "%\r\n:,"  # what GitHub's commands want percent-encoded
_ANNOTATION = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


class SourceLines:
    """The lines of the files that were read, split when a finding asks for one."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str | None:
        """Line `number` (from 1) of `file`; None when there is no such line to show."""
        if file not in self._lines:
            self._lines[file] = _LINE_BREAK.split(self._sources.get(file, ""))
        lines = self._lines[file]
        return lines[number - 1] if file in self._sources and 1 <= number <= len(lines) else None


def text(found: Diagnostic, source: SourceLines, *, prefix: str, colour: bool) -> str:
    """One finding for people: place, severity, message, rule; the line with the caret; help; related places."""
    mark = _COLOURS[found.severity] if colour else ""
    bold, off = (_BOLD, _OFF) if colour else ("", "")
    lines = [
        output.fitting(
            f"{bold}{inert(prefix + str(found.span))}:{off} {mark}{found.severity}:{off} "
            f"{bold}{inert(found.message)}{off} [{found.rule}]"
        )
    ]
    lines += _picture(found.span, source, mark, off)
    if found.help:
        lines.append(output.fitting(f"  {bold}help:{off} {inert(found.help)}"))
    for span, message in found.related:
        lines.append(output.fitting(f"  {inert(prefix + str(span))}: {inert(message)}"))
        lines += _picture(span, source, bold, off)
    return "\n".join(lines)


def _picture(span: Span, source: SourceLines, mark: str, off: str) -> Iterator[str]:
    line = source.line(span.file, span.line)
    if line is None:
        return
    number = str(span.line)
    room = output.terminal_width() - len(number) - len("   | ") if output.is_terminal() else LONGEST_LINE
    shown, before, under = drawn(line, span.col, span.end, min(max(room, SHORTEST_LINE), LONGEST_LINE))
    yield f"  {number} | {shown}"
    yield f"  {' ' * len(number)} | {' ' * before}{mark}{'^' * under}{off}"


def drawn(line: str, col: int, end: int, room: int = LONGEST_LINE) -> tuple[str, int, int]:
    """The line as `room` columns show it, the columns before the caret, and the length of the caret.

    `col` and `end` count characters from 1, `end` exclusive; tabs, wide, combining and control characters take the
    room that they have on the screen.
    """
    if len(line) > 2 * AROUND:  # nobody who looks at a hundred characters should wait for a million
        skipped = max(min(col, len(line)) - AROUND, 0)
        line, col, end = line[skipped : skipped + 2 * AROUND], col - skipped, end - skipped
    pieces = [
        " " * TAB if character == "\t" else piece for character, piece in zip(line, inert_characters(line), strict=True)
    ]
    start = min(max(col, 1), len(pieces) + 1) - 1
    stop = min(max(end - 1, start + 1), len(pieces))
    first, last = 0, len(pieces)
    if sum(map(width, pieces)) > room:
        first = _back(pieces, start, room // 3)
        last = _on(pieces, first, room - 2)
        stop = min(stop, last)
    lead = "…" if first else ""
    tail = "…" if last < len(pieces) else ""
    before = len(lead) + sum(map(width, pieces[first:start]))
    under = sum(map(width, pieces[start:stop]))
    return lead + "".join(pieces[first:last]).rstrip() + tail, before, max(under, 1)


def _back(pieces: list[str], start: int, columns: int) -> int:
    """The index from which `columns` columns fit before `start`."""
    while start > 0 and columns >= width(pieces[start - 1]):
        start -= 1
        columns -= width(pieces[start])
    return start


def _on(pieces: list[str], first: int, columns: int) -> int:
    """The index up to which `columns` columns fit from `first` on."""
    while first < len(pieces) and columns >= width(pieces[first]):
        columns -= width(pieces[first])
        first += 1
    return first


def as_mapping(found: Diagnostic) -> dict[str, Any]:
    """One finding for programs."""
    return {
        "rule": found.rule,
        "severity": str(found.severity),
        **_place(found.span),
        "message": found.message,
        "help": found.help,
        "related": [{**_place(span), "message": message} for span, message in found.related],
    }


def _place(span: Span) -> Mapping[str, Any]:
    return {"file": span.file, "line": span.line, "column": span.col, "end_column": span.end}


def annotation(found: Diagnostic, *, prefix: str) -> str:
    """One finding as a GitHub workflow command."""
    span = found.span
    properties = {
        "file": prefix + span.file,
        "line": span.line,
        "col": span.col,
        "endColumn": max(span.end, span.col + 1),
        "title": found.rule,
    }
    words = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTIES)}" for name, value in properties.items())
    message = f"{found.message} {found.help}" if found.help else found.message
    return f"::{_ANNOTATION[found.severity]} {words}::{_escaped(message, _IN_MESSAGE)}"


def _escaped(text: str, characters: str) -> str:
    """`text` with `characters` percent-encoded and everything else made inert."""
    return "".join(f"%{ord(character):02X}" if character in characters else inert(character) for character in text)


def prefix(root: Path) -> str:
    """What to put before a file's name, so that it opens from the current directory."""
    try:
        way = os.path.relpath(root, Path.cwd())
    except (OSError, ValueError):
        return f"{root}/"
    return "" if way == "." else f"{way}/"


def counted(findings: Iterable[Diagnostic]) -> dict[str, int]:
    """How many findings there are of each severity."""
    counts = dict.fromkeys((str(severity) for severity in Severity), 0)
    for found in findings:
        counts[str(found.severity)] += 1
    return counts


def sentence(counts: Mapping[str, int], files: int) -> str:
    """The counts in words."""
    looked = how_many(files, "file")
    parts = [how_many(number, name) for name, number in counts.items() if number]
    return f"{', '.join(parts)} in {looked}." if parts else f"Nothing wrong in {looked}."
