"""Which line breaks of Markdown stay: those of a signature do, those of a paragraph that an editor wrapped do not.

A line break stays after a short line, as in a signature or an address, and next to a line that is only a link.
After a long line it is a blank, since lines are that long only where a paragraph was wrapped.
"""

from __future__ import annotations

import re

LONG = 60  # characters from which on a line counts as wrapped
_SHORT = 40  # a shorter line does not, however long the next word is
_NARROWEST = 72  # columns at which people wrap

_ONLY_A_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|<[^<>\s]+>|(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+", re.IGNORECASE)


def is_meant(before: str, after: str) -> bool:
    """Whether the break between two lines of a paragraph, as they are written, stays a break."""
    before, after = before.strip(), after.strip()
    if _ONLY_A_LINK.fullmatch(before):
        return True
    if len(before) < _SHORT or (len(before) < LONG and _ONLY_A_LINK.fullmatch(after)):
        return True
    return len(before) < LONG and len(before) + 1 + len(after.partition(" ")[0]) <= _NARROWEST
