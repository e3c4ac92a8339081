"""How long lists are printed: JSON lines and tab-separated rows as they come, for people the first ones in a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nurture_cli.cli import output
from nurture_cli.cli.progress import progress
from nurture_cli.cli.tables import HEAD, Column, show, show_arrays
from nurture_cli.cli.times import iso, written

if TYPE_CHECKING:
    from nurture_cli.report.listing import Listing
    from nurture_cli.store.database import Connection

A_LONG_LIST = 100_000  # rows, which take about a second


def show_listing(
    db: Connection,
    listing: Listing,
    columns: Sequence[Column],
    zone: str,
    *,
    json: bool,
    nothing: str,
    head: int | None = HEAD,
) -> None:
    """Print a listing, whose columns these are; for people the first `head` rows (None: all of them)."""
    from nurture_cli.report.listing import arrays, count, first, objects

    if json:
        output.json_lines(counted("Listing", objects(db, listing, for_programs(zone))))
    elif output.is_terminal():
        rows = first(db, listing, for_people(zone), -1 if head is None else head)
        show(columns, rows, head=head, total=count(db, listing) if len(rows) == head else len(rows), nothing=nothing)
    else:
        show_arrays(columns, counted("Listing", arrays(db, listing, for_people(zone))))


def for_programs(zone: str) -> Callable[[int], str]:
    """Instants as ISO 8601; of a list many are the same."""
    return lru_cache(maxsize=4096)(lambda at: iso(at, zone) or "")


def for_people(zone: str) -> Callable[[int], str]:
    """Instants for people."""
    return lru_cache(maxsize=4096)(lambda at: written(at, zone))


def counted(what: str, blocks: Iterable[list[str]]) -> Iterator[list[str]]:
    """The same blocks of rows; shows on a terminal how far a long list has come that goes somewhere else."""
    done = 0
    with progress(what) as draw:
        for block in blocks:
            yield block
            done += len(block)
            if done >= A_LONG_LIST and not output.is_terminal(sys.stdout):
                draw(done, None)
