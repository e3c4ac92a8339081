"""Rows for people (a table on a terminal), for programs (tab-separated in a pipe) and as JSON lines."""

from __future__ import annotations

import itertools
import json as jsons
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nurture_cli.cli import output
from nurture_cli.cli.inert import clip, inert, is_plain, width

Cell = str | int | float | bool | None

HEAD = 20  # rows of a long list that a terminal gets
WIDEST_CELL = 200  # columns of one value on a terminal
GAP = 2  # columns between two columns
SHORT = 25  # values up to the width of a time with its zone are not folded as long as there is room
LEAST = 12  # a column is not folded to fewer; a terminal without room for that gets one value a line


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` heads it in TSV and keys it in JSON, `title` heads it for people.

    `spare`: a terminal without room for all columns goes without it, the last such column first.
    `whole`: sentences, which are never cut, however many lines they take.
    """

    name: str
    title: str
    right: bool = False
    spare: bool = False
    whole: bool = False


def show(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    json: bool = False,
    head: int | None = HEAD,
    total: int | None = None,
    nothing: str = "",
    people: bool | None = None,
) -> None:
    """Print rows on standard output: all of them as JSON lines or TSV, the first `head` (None: all) on a terminal.

    For people, the sentence `nothing` on standard error stands in for a table without rows. `people` says whether to
    print for people; by default a terminal does.
    """
    if json:
        names = [column.name for column in columns]
        output.lines(dict(zip(names, row, strict=True)) for row in rows)
    elif output.is_terminal() if people is None else people:
        if not _for_people(columns, rows, head, total) and nothing:
            output.talk(nothing)
    else:
        output.data("\t".join(column.name for column in columns))
        for row in rows:
            output.data("\t".join(cell_text(cell) for cell in row))


def show_arrays(columns: Sequence[Column], blocks: Iterable[Sequence[str]]) -> None:
    """Print rows that `report.listing.arrays` made, tab-separated."""
    output.data("\t".join(column.name for column in columns))
    for block in blocks:
        output.write("".join([_tab_separated(array) for array in block]))


def _tab_separated(array: str) -> str:
    """One array of texts as a row; where every letter is plainly visible, without reading it."""
    if "\\" not in array and is_plain(array):
        return array[2:-2].replace('","', "\t") + "\n"
    return "\t".join(map(inert, jsons.loads(array))) + "\n"


def cell_text(cell: Cell) -> str:
    """A value as text: inert, `yes` and `no` for truths, nothing for a missing one."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case str():
            return inert(cell)
        case int() | float():
            return str(cell)


def _for_people(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], head: int | None, total: int | None) -> bool:
    """Print the head of a table; returns whether there was any row."""
    supply = iter(rows)
    shown = [
        [
            cell_text(cell) if column.whole else clip(cell_text(cell), WIDEST_CELL)
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in itertools.islice(supply, head)
    ]
    if not shown:
        return False
    kept, widths = _fitting(columns, shown)
    if widths is None:
        kept = columns
        _stacked(columns, shown)
    else:
        places = [columns.index(column) for column in kept]
        _drawn(kept, [[row[place] for place in places] for row in shown], widths)
    more = total - len(shown) if total is not None else sum(1 for _ in supply)
    if more > 0:
        whole = "pipe the output to see them all" if output.is_terminal() else "`--json` has them all"
        output.talk(f"… and {more:,} more: {whole}.")
    left_out = [column.title for column in columns if column not in kept]
    if left_out:
        output.talk(f"There was no room for: {', '.join(left_out)}. A wider terminal shows it, and so does a pipe.")
    return True


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> tuple[Sequence[Column], list[int] | None]:
    """The columns that a terminal has room for, each with its width; None: not even for those.

    Rather than fold a short value or break a word, it leaves out the spare columns.
    """
    cells = {column: [column.title, *(row[number] for row in rows)] for number, column in enumerate(columns)}
    longest = {column: max(map(width, texts)) for column, texts in cells.items()}
    words = {
        column: max(width(column.title), *(width(word) for text in texts for word in text.split()))
        for column, texts in cells.items()
    }

    def fits(widths: Sequence[int]) -> bool:
        return sum(widths) + GAP * (len(widths) - 1) <= output.terminal_width()

    spare = [column for column in columns if column.spare]
    for number in range(len(spare), -1, -1):
        kept = [column for column in columns if not column.spare or column in spare[:number]]
        whole = [max(min(SHORT, longest[column]), words[column]) for column in kept]
        if fits(whole):
            return kept, _grown(whole, [longest[column] for column in kept])
    for widths in (
        [max(min(LEAST, longest[column]), words[column]) for column in kept],
        [min(SHORT, longest[column]) for column in kept],
        [min(LEAST, longest[column]) for column in kept],
    ):
        if fits(widths):
            return kept, _grown(widths, [longest[column] for column in kept])
    return columns, None


def _grown(widths: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """The widths with what room is left, shared among those columns that want more."""
    grown = list(widths)
    left = output.terminal_width() - sum(grown) - GAP * (len(grown) - 1)
    while left > 0 and (short := [number for number, width in enumerate(grown) if width < wanted[number]]):
        for number in short[:left]:
            grown[number] += 1
        left -= len(short)
    return grown


def _stacked(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows):
        if number:
            output.data("")
        for column, text in zip(columns, row, strict=True):
            if text:
                output.data(f"{column.title}: {text}")


def _drawn(columns: Sequence[Column], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold", pad_edge=False)
    for column, columns_wide in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            overflow="fold",
            width=columns_wide,
        )
    for row in rows:
        table.add_row(*(Text(text) for text in row))
    console = Console(
        file=sys.stdout,
        width=output.terminal_width(),
        height=100,  # with both given, the width is believed even for a dumb terminal
        force_terminal=True,
        no_color=not output.wants_colour(),
        color_system="standard" if output.wants_colour() else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        output.data(line.rstrip())
