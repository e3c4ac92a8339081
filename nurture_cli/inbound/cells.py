"""Cells of a table: what an import takes off, and what an export adds."""

from __future__ import annotations

from collections.abc import Iterable

MAX_CELL = 10_000  # characters; a longer cell is refused with its row

# Characters at the beginning of a cell that a spreadsheet may take for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
GUARD = "'"
BAR = "¦"  # put between the cells of a row to look at all of them together; it may occur in them as well


def is_plain(joined: str, clear: str | None, bar: str = BAR) -> bool:
    """Whether no cell of a row (joined by `bar`) has anything to take off; False may also mean: look closer.

    It does not look for cells that are too long.
    """
    return (
        joined.isprintable()
        and (GUARD not in joined or (joined[:1] != GUARD and bar + GUARD not in joined))
        and " " + bar not in joined
        and bar + " " not in joined
        and joined[:1] != " "
        and joined[-1:] != " "
        and (clear is None or clear not in joined)
    )


def are_short(cells: Iterable[str], joined: str) -> bool:
    """Whether none of these cells, which are all in `joined`, is too long."""
    return len(joined) <= MAX_CELL or max(map(len, cells)) <= MAX_CELL


def clean(cell: str, clear: str | None) -> str | None:
    """The text of a cell without blanks around it and without a guard; None when blank, '' when it asks to clear.

    Raises ValueError for a cell that is too long, or holds a NUL.
    """
    if len(cell) > MAX_CELL:
        raise ValueError(f"A cell is longer than {MAX_CELL:,} characters.")
    if "\0" in cell:
        raise ValueError("A cell holds a NUL character.")
    text = cell.strip(" \u00a0\ufeff")
    if not text:
        return None
    if text == clear:
        return ""
    if text[0] == GUARD and text.lstrip(GUARD).startswith(FORMULA_SIGNS):
        text = text[1:]
    return None if text.isspace() else text


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `clean` gives the text back."""
    return GUARD + text if text.lstrip(GUARD).startswith(FORMULA_SIGNS) else text
