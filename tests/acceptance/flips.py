"""Single bits that flip in a database file, and whether anybody notices."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = 4096
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Flip:
    """One bit that is another one now, and the columns of the tables that say something else for it."""

    offset: int
    bit: int
    changed: frozenset[str]  # `table.column`; `table` alone: rows came or went

    def spoil(self, data: bytes) -> bytes:
        """The file with that bit flipped."""
        some = bytearray(data)
        some[self.offset] ^= 1 << self.bit
        return bytes(some)


def flips(sound: bytes, scratch: Path, chance: random.Random) -> Iterator[Flip]:
    """Flips without end at random places, of those after which SQLite reads everything and some of it is different.

    Each table is as likely as any other, whatever its size.
    """
    scratch.write_bytes(sound)
    before = _rows(scratch)
    assert before is not None
    pages = _pages(sound, scratch)
    while True:
        table = chance.choice(sorted(pages))
        page = chance.choice(pages[table])
        offset = page * PAGE + chance.randrange(_content(sound, page), PAGE)
        flip = Flip(offset, chance.randrange(8), frozenset())
        scratch.write_bytes(flip.spoil(sound))
        after = _rows(scratch)
        if after is not None and after != before:
            yield Flip(flip.offset, flip.bit, frozenset(_differences(before, after)))


def _rows(file: Path) -> Rows | None:
    """All rows of all tables, by their places; None when SQLite cannot read them."""
    db = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    db.text_factory = bytes
    try:
        found = {}
        for (name,) in db.execute("SELECT CAST(name AS BLOB) FROM sqlite_schema WHERE type = 'table'").fetchall():
            answer = db.execute(f"SELECT * FROM {name.decode()} NOT INDEXED")
            columns = [column[0] for column in answer.description]
            found[name.decode()] = [dict(zip(columns, row, strict=True)) for row in answer]
        return found
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    finally:
        db.close()


def _differences(before: Rows, after: Rows) -> Iterator[str]:
    for table, rows in before.items():
        if len(rows) != len(after.get(table, ())):
            yield table
            continue
        for old, new in zip(rows, after[table], strict=True):
            yield from (f"{table}.{column}" for column in old if old[column] != new[column])


def _pages(data: bytes, file: Path) -> dict[str, list[int]]:
    """The leaf pages of each table, counted from 0; found by their b-trees, as the file format describes them."""
    db = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
    roots = db.execute(
        "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*sqlite_*'"
    ).fetchall()
    db.close()
    return {name: list(_leaves(data, root - 1)) for name, root in roots if _count(data, root - 1)}


def _leaves(data: bytes, page: int) -> Iterator[int]:
    kind = data[page * PAGE]
    if kind in (0x0D, 0x0A):
        yield page
        return
    for cell in range(_count(data, page)):
        at = page * PAGE + 12 + 2 * cell
        start = page * PAGE + int.from_bytes(data[at : at + 2], "big")
        yield from _leaves(data, int.from_bytes(data[start : start + 4], "big") - 1)
    yield from _leaves(data, int.from_bytes(data[page * PAGE + 8 : page * PAGE + 12], "big") - 1)


def _count(data: bytes, page: int) -> int:
    """How many cells a page has."""
    return int.from_bytes(data[page * PAGE + 3 : page * PAGE + 5], "big")


def _content(data: bytes, page: int) -> int:
    """Where in a page its cells begin."""
    return int.from_bytes(data[page * PAGE + 5 : page * PAGE + 7], "big")
