"""Lines of a table that are rows as they are: no quotes, nothing to take off, every row as wide as the header.

Most lines of most files are. Cutting many of them at once is several times as quick as reading them one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

from nurture_cli.inbound.cells import BAR, are_short, is_plain


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows one after the other, from row `first` on, column by column."""

    first: int
    cells: Sequence[Sequence[str]]

    def __len__(self) -> int:
        return len(self.cells[0])

    @property
    def numbers(self) -> range:
        """The numbers of the rows."""
        return range(self.first, self.first + len(self))

    @property
    def rows(self) -> list[tuple[int, Sequence[str]]]:
        """The rows, each with its number."""
        return list(zip(self.numbers, zip(*self.cells, strict=True), strict=True))


def plain_columns(lines: Sequence[str], delimiter: str, width: int, clear: str | None) -> list[list[str]] | None:
    """The columns of lines that are plain throughout; None when they are not, or need a closer look."""
    text = "".join(lines)
    if '"' in text or width == 1 or set(map(str.count, lines, repeat(delimiter))) != {width - 1}:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # at the ends of lines alone
    joined = text.removesuffix("\n").replace("\n", delimiter)
    cells = joined.split(delimiter)
    bar = delimiter if delimiter.isprintable() else BAR
    if bar != delimiter:
        joined = joined.replace(delimiter, bar)
    if not is_plain(joined, clear, bar) or not are_short(cells, joined):
        return None
    return [cells[place::width] for place in range(width)]
