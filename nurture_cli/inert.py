"""Data made harmless wherever it is shown: no control sequences, no bidirectional overrides, no towers of marks."""

from __future__ import annotations

import unicodedata

MARKS_IN_A_ROW = 4  # more zero-width characters after one another than any script needs are dropped

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
JOINERS = "\u200c\u200d"  # emoji and Indic scripts need them; they move nothing
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
ZERO_WIDTH = frozenset({"Mn", "Me"})
_FIRST_MARK = "\u0300"  # of zero width; what comes before is each plainly visible or not printable


def inert(text: str) -> str:
    """`text` with everything that is not plainly visible written out as an escape such as `\\x1b` or `\\u202e`."""
    return text if is_plain(text) else "".join(inert_characters(text))


def is_plain(text: str) -> bool:
    """Whether every character is plainly visible; False may also mean: look closer."""
    return text.isprintable() and (text.isascii() or max(text) < _FIRST_MARK)


def inert_characters(text: str) -> list[str]:
    """What to print for each character of `text`, one item a character (an empty one where it is dropped)."""
    pieces = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if character in JOINERS or category in ZERO_WIDTH:
            marks += 1
            pieces.append(character if marks <= MARKS_IN_A_ROW else "")
            continue
        marks = 0
        pieces.append(_escape(character) if category in _ESCAPED else character)
    return pieces


def _escape(character: str) -> str:
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
