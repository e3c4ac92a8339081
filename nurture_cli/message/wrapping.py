"""The text part in lines that every program can show; code, tables and addresses are never broken."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

WIDTH = 76  # columns
KEPT = "\x1f"  # marks a line that must stay one; it is never printed

_LEAD = re.compile(r"((?:> ?)*)( *(?:[-*] |\d+\. )?)")
_NARROWEST = 20  # columns that stay free however deep the nesting is


def wrapped(text: str, *, kept: Collection[str] = ()) -> str:
    """The text with long lines broken at blanks, under the beginning of their list item or quotation.

    The lines in `kept` stay as they are, and so does a line with only a label and an address.
    """
    lines = (line if len(line) <= WIDTH or line in kept else _broken(line) for line in text.split("\n"))
    return unwrapped("\n".join(lines))


def unwrapped(text: str) -> str:
    """The text for programs that break lines themselves."""
    return text.replace(KEPT, "")


def _broken(line: str) -> str:
    lead = _LEAD.match(line)
    if KEPT in line or line.count(" ") < 2 or lead is None:
        return line
    room = max(WIDTH - lead.end(), _NARROWEST)
    lines = [hit[1] for hit in _lines_of(room).finditer(line, lead.end())]
    return lead[0] + f"\n{lead[1]}{' ' * len(lead[2])}".join(lines)


@lru_cache(maxsize=64)
def _lines_of(room: int) -> re.Pattern[str]:
    return re.compile(rf"(\S{{{room},}}|.{{1,{room}}})(?: +|$)")
