"""Placeholders that nobody will fill: merge fields of other tools, and brackets left over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nurture_cli.message.piece import Piece

_TAGS = re.compile(
    r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL
)
_PERSON = r"(?:first|last|full|given|family|user|sur|nick|contact)?[ _.-]?(?:name|e-?mail|company|salutation)"
_FOREIGN = re.compile(
    rf"""
      \*\|[A-Za-z][\w:.,/%\- ]*\|\*                      # *|FNAME|*
    | %%[A-Za-z][\w.]*%%                                 # %%first_name%%
    | %(?![0-9A-Fa-f]{{2}})[A-Z][A-Z0-9_]+%              # %FNAME%, and not the %C3%BC of a link
    | (?<!\S)%[A-Z][A-Z0-9_]+%                           # %DATE% as a word
    | \[\[\s*[A-Za-z][\w .:-]*\]\](?!\()                 # [[first_name]]
    | \$\{{[A-Za-z][\w.]*\}}                             # ${{first_name}}
    | (?<![\w$\{{])\{{[A-Z][A-Z0-9_]+\}}(?!\}})          # {{FIRST_NAME}}
    | (?<![\w$\{{])\{{\s*(?i:{_PERSON})\s*\}}(?!\}})     # {{name}}
    | <%=?[^%<>]+%>                                      # <%= name %>
    | \#\#[A-Z][A-Z0-9_]+\#\#                            # ##NAME##
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(r"\{\{|\{%|\}\}|%\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder as it is written, with its line and column in the user's file (from 1)."""

    text: str
    line: int
    col: int


def foreign_placeholders(piece: Piece) -> tuple[Placeholder, ...]:
    """The merge fields of other tools in template text."""
    return tuple(_found(_FOREIGN, _TAGS.sub(_blanked, piece.text), piece))


def leftovers(text: str) -> str | None:
    """The first placeholder in a text that is printed as it stands, of our own kind or another's."""
    found = _BRACKETS.search(text) or _FOREIGN.search(text)
    return found[0] if found else None


def _found(pattern: re.Pattern[str], text: str, piece: Piece) -> Iterator[Placeholder]:
    for hit in pattern.finditer(text):
        line = piece.line(text.count("\n", 0, hit.start()) + 1)
        yield Placeholder(hit[0], line, hit.start() - text.rfind("\n", 0, hit.start()))


def _blanked(hit: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", hit[0])
