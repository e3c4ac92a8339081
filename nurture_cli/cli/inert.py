"""Data made harmless for a terminal, and how much room it takes there."""

from __future__ import annotations

import unicodedata

from nurture_cli.inert import JOINERS, ZERO_WIDTH
from nurture_cli.inert import inert as inert
from nurture_cli.inert import inert_characters as inert_characters
from nurture_cli.inert import is_plain as is_plain


def width(text: str) -> int:
    """How many columns inert `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if character in JOINERS or unicodedata.category(character) in ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clip(text: str, columns: int) -> str:
    """Inert `text`, cut to `columns` with an ellipsis at the end when it is longer."""
    if width(text) <= columns:
        return text
    kept = []
    left = columns - 1
    for character in text:
        left -= _character_width(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"
