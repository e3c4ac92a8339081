"""Long lists, a thousand rows at a time: SQLite writes each row as one JSON text, and Python only passes the texts on.

A row is an object for programs, or an array of texts for tables and spreadsheets. Nothing waits for the last row unless
its order asks for that, and memory stays the same however long the list is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nurture_cli.inbound.cells import FORMULA_SIGNS, GUARD
from nurture_cli.store.database import Connection

AT_A_TIME = 1000  # rows
_MOST_ARGUMENTS = 100  # of one function of SQLite, which takes 127

BoundValue = str | int | float | bytes | None
Moment = Callable[[int], str]  # an instant in words


class ColumnKind(StrEnum):
    """What the SQL of a column gives."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    MOMENT = "moment"  # an instant
    JSON = "json"  # as a JSON function of SQLite made it, for programs alone


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: its name, its SQL, and what that gives."""

    name: str
    sql: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with these columns; `source` is all that follows in SQL, from FROM on, and `bound` its values.

    `counted` finds the same number of rows, all in all, with less work: the source where it is empty.
    """

    columns: Sequence[ListColumn]
    source: str
    bound: Mapping[str, BoundValue] = field(default_factory=dict)
    counted: str = ""

    def only(self, names: Sequence[str]) -> Listing:
        """The same rows with some of the columns, in this order."""
        by_name = {column.name: column for column in self.columns}
        return Listing([by_name[name] for name in names], self.source, self.bound, self.counted)


def objects(db: Connection, listing: Listing, moment: Moment) -> Iterator[list[str]]:
    """The rows as JSON objects, some at a time."""
    sql = json_object({column.name: _value(column) for column in listing.columns})
    yield from _blocks(db, listing, sql, moment)


def arrays(db: Connection, listing: Listing, moment: Moment) -> Iterator[list[str]]:
    """The rows as JSON arrays of texts, some at a time, for `texts_of`."""
    sql = _json_array([_text(column) for column in listing.columns])
    yield from _blocks(db, listing, sql, moment)


def first(db: Connection, listing: Listing, moment: Moment, most: int) -> list[list[str]]:
    """The texts of the first rows."""
    head = Listing(listing.columns, f"{listing.source} LIMIT {int(most)}", listing.bound)
    return [texts_of(array) for block in arrays(db, head, moment) for array in block]


def count(db: Connection, listing: Listing) -> int:
    """How many rows there are, all in all."""
    source = listing.counted or listing.source
    number: int = db.execute(f"SELECT count(*) FROM (SELECT 1 {source})", listing.bound).fetchone()[0]
    return number


def texts_of(array: str) -> list[str]:
    """The texts of one array that `arrays` made."""
    # A text with a quote in it has a backslash before that, so without any this is exact, and much faster.
    texts: list[str] = array[2:-2].split('","') if "\\" not in array else json.loads(array)
    return texts


def json_object(values: Mapping[str, str]) -> str:
    """SQL for a JSON object: its names, and the SQL of its values."""
    pairs = [f"{quoted(name)}, {sql}" for name, sql in values.items()]
    return _joined("json_object", pairs, _MOST_ARGUMENTS // 2, ("{", "}"))


def quoted(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


_SIGNS = ", ".join(str(ord(sign)) for sign in FORMULA_SIGNS)


def guarded(sql: str) -> str:
    """`inbound.cells.guarded` in SQL, for a text; all signs of formulas, and the guard, come before the letters."""
    guard = quoted(GUARD)
    bare = f"ltrim({sql}, {guard})"
    return (
        f"CASE WHEN {sql} >= 'A' OR {sql} IS NULL OR {bare} = '' THEN {sql}"
        f" WHEN instr(char({_SIGNS}), substr({bare}, 1, 1)) THEN {guard} || {sql} ELSE {sql} END"
    )


def _json_array(values: Sequence[str]) -> str:
    return _joined("json_array", values, _MOST_ARGUMENTS, ("[", "]"))


def _joined(function: str, arguments: Sequence[str], most: int, brackets: tuple[str, str]) -> str:
    """One call of a function, or the texts of several as if it were one."""
    opening, closing = brackets
    calls = [f"{function}({', '.join(arguments[at : at + most])})" for at in range(0, len(arguments), most)]
    if len(calls) < 2:
        return "".join(calls) or f"{function}()"
    inner = " || ',' || ".join(f"substr({call}, 2, length({call}) - 2)" for call in calls)
    return f"json('{opening}' || {inner} || '{closing}')"


def _value(column: ListColumn) -> str:
    match column.kind:
        case ColumnKind.TEXT | ColumnKind.NUMBER | ColumnKind.JSON:
            return column.sql
        case ColumnKind.TRUTH:
            return f"json(iif({column.sql}, 'true', 'false'))"
        case ColumnKind.MOMENT:
            return _moment(column)


def _text(column: ListColumn) -> str:
    match column.kind:
        case ColumnKind.TEXT | ColumnKind.JSON:
            return f"ifnull({column.sql}, '')"
        case ColumnKind.NUMBER:
            return f"ifnull({column.sql} || '', '')"
        case ColumnKind.TRUTH:
            return f"iif({column.sql}, 'yes', 'no')"
        case ColumnKind.MOMENT:
            return f"ifnull({_moment(column)}, '')"


def _moment(column: ListColumn) -> str:
    return f"iif({column.sql} IS NULL, NULL, moment({column.sql}))"


def _blocks(db: Connection, listing: Listing, row: str, moment: Moment) -> Iterator[list[str]]:
    db.create_function("moment", 1, moment, deterministic=True)
    cursor = db.execute(f"SELECT {row} {listing.source}", listing.bound)
    while rows := cursor.fetchmany(AT_A_TIME):
        yield [text for (text,) in rows]
