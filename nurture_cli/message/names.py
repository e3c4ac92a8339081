"""What `check` asks about a template without rendering it: whether it can be read, and which names it uses.

A column is 0 when the place on the line is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nurture_cli.campaign.model import Asset
from nurture_cli.message.piece import Piece

# Each name is looked for in the beginning of its line, so that a stranger's file cannot keep the program busy for long.
_LONGEST_LINE, _MOST_PLACES = 20_000, 2_000


class NameUse(NamedTuple):
    """A name in a template, such as `contact.first_name`, and its line and column in the user's file (from 1)."""

    name: str
    line: int
    col: int


class Problem(NamedTuple):
    """Why a template cannot be read, as a sentence, and perhaps what to do; with line and column in the user's file."""

    line: int
    col: int
    words: str
    hint: str | None = None


def names_used(template: Asset | Piece) -> list[NameUse]:
    """Every name that subject, preheader and body look up, also in branches that are never taken."""
    from nurture_cli.message.templates import uses

    return [use for piece, exact in _pieces(template) for use in _with_columns(uses(piece.text), piece, exact)]


def includes(template: Asset | Piece) -> list[NameUse]:
    """Every file that the template includes, extends or imports."""
    from nurture_cli.message.templates import includes as included

    return [use for piece, exact in _pieces(template) for use in _with_columns(included(piece.text), piece, exact)]


def syntax_problem(template: Asset | Piece) -> Problem | None:
    """The first mistake that keeps subject, preheader or body from being a template; None when there is none."""
    from nurture_cli.message.templates import syntax_error

    for piece, _ in _pieces(template):
        found = syntax_error(piece.text)
        if found is not None:
            line, words = found
            words, _, hint = words.partition("\n")
            return Problem(piece.line(line), 0, words, hint or None)
    return None


def _pieces(template: Asset | Piece) -> Iterator[tuple[Piece, bool]]:
    """The template texts, and whether their columns are those of the file."""
    if isinstance(template, Piece):
        yield template, True
        return
    for key, text in (("subject", template.subject), ("preheader", template.preheader)):
        place = template.places.get(key, template.span)
        yield Piece(template.file, text, place.line), False
    yield Piece(template.file, template.body, template.body_line), True


def _with_columns(found: Iterable[tuple[str, int]], piece: Piece, exact: bool) -> Iterator[NameUse]:
    """The names with their columns: the n-th use of a name on a line is its n-th occurrence there."""
    lines = piece.text.split("\n")
    places: dict[tuple[str, int], Iterator[int]] = {}
    for name, line in found:
        text = lines[line - 1] if line <= len(lines) else ""
        if exact and (name, line) not in places and len(text) <= _LONGEST_LINE and len(places) < _MOST_PLACES:
            places[name, line] = (hit.start() + 1 for hit in _spelling(name).finditer(text))
        yield NameUse(name, piece.line(line), next(places.get((name, line), iter(())), 0))


def _spelling(name: str) -> re.Pattern[str]:
    first, *rest = map(re.escape, name.split("."))
    parts = "".join(rf"""\s*(?:\.\s*{part}\b|\[\s*["']{part}["']\s*\])""" for part in rest)
    return re.compile(rf"(?<![\w.]){first}{parts}(?!\w)")
