"""Addresses to suppress, from a file: everything or nothing, and the same file twice changes nothing.

The file may be the export of any tool, or a plain list with one address a line. The reason comes from a column where
there is one, else from `--reason`, else from the name of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nurture_cli.address import means_many
from nurture_cli.errors import Refused
from nurture_cli.inbound.cells import clean
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.column_names import bare_name, plain_name
from nurture_cli.inbound.headers import CONSENT_TIMES
from nurture_cli.inbound.layout import EMAIL, Layout, flag, lay_out
from nurture_cli.inbound.opt_out import (
    OptOutColumn,
    OptOutKind,
    Said,
    opt_out_column,
    said_in_cell,
    said_in_file_name,
    says_subscribed,
)
from nurture_cli.inbound.report import write_rejects
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.textfile import TextFile, examine
from nurture_cli.inbound.tokens import Addressees
from nurture_cli.keys import Keys
from nurture_cli.plural import how_many
from nurture_cli.store import incoming_suppressions, waiting
from nurture_cli.store.database import Connection, rehearsing
from nurture_cli.store.incoming_suppressions import SuppressionRow
from nurture_cli.store.suppressions import REASONS, import_source

REASON = "reason"
TARGETS = (EMAIL, REASON)
GIVEN_REASONS = tuple(reason for reason in reversed(REASONS) if reason != "erased")  # that a file or a flag may give
OWN = "suppressed"  # the column of `contacts export`, in which a blank means that no suppression is in force
_PORTION = 10_000
_REMEMBERED = 10_000  # texts of one column


@dataclass(frozen=True, slots=True)
class SuppressionOptions:
    """How to read the file, and the reason for its addresses where it does not give one."""

    column_map: ColumnMap = field(default_factory=ColumnMap)
    email: str | None = None  # the column of the address, when its name does not say it
    reason: str | None = None  # the reason of rows that do not give their own
    encoding: str | None = None
    delimiter: str | None = None
    rejects: Path | None = None  # where to write the rows that are left out
    preview: bool = False  # count everything, then undo it


@dataclass(frozen=True, slots=True)
class SuppressionReport:
    """`rows = new + stronger + same + duplicate + stayed + skipped`."""

    file: str
    said: str  # encoding and delimiter in words
    email: str | None  # the column of the addresses; None for a plain list
    read: tuple[str, ...]  # columns that say who left and why
    fallback: str  # the reason of rows that do not give their own
    rows: int
    new: int  # addresses that were not suppressed before
    contacts: int  # of the new ones, how many are contacts
    stronger: int  # addresses that were suppressed for a weaker reason
    same: int
    duplicate: int  # rows with the address of an earlier row
    stayed: int  # rows that say of themselves that nobody left
    skipped: int
    empty: int
    by_reason: Mapping[str, int]  # how many rows gave which reason
    not_understood: tuple[tuple[str, int], ...]  # texts in the columns that were read, the most frequent first
    reasons: tuple[tuple[str, int], ...]  # why rows were skipped, the most frequent first
    rejects: Path | None

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that add up, and those of contacts and empty rows."""
        return {
            "rows": self.rows, "new": self.new, "stronger": self.stronger, "same": self.same,
            "duplicate": self.duplicate, "stayed": self.stayed, "skipped": self.skipped, "empty": self.empty,
            "contacts": self.contacts,
        }  # fmt: skip


def import_suppressions(
    db: Connection,
    keys: Keys,
    path: Path,
    options: SuppressionOptions,
    *,
    now: int,
    advance: Callable[[int], None] | None = None,
) -> SuppressionReport:
    """Suppress the addresses in a file; `advance` is called with the number of rows read since the last call.

    Raises Findings for a file that cannot be read as a table, WrongUsage when it is unclear what its columns mean.
    """
    file = examine(path, options.encoding)
    people = Addressees(db, keys)
    table, whole = _table(file, options, people)
    layout = _layout(table, options)
    verdicts = _Verdicts(table, layout, options.reason or whole or _named_by(path))
    with incoming_suppressions.suppressions_waiting(db):
        rows = _Rows(table, layout, verdicts, people, lambda row, why: waiting.refuse_row(db, row, why), advance)
        source = import_source(path.name)
        incoming_suppressions.lay_down_suppressions(db, rows.ready(source, now))
        file.refuse_if_changed()
        _refuse_subscribers(path, verdicts)
        with rehearsing(db, undo=options.preview):
            merged = incoming_suppressions.merge_suppressions(db, now)
            skipped, _ = waiting.count_problems(db)
            rejects = options.rejects if skipped and not options.preview else None
            if rejects is not None:
                write_rejects(table, waiting.problems(db), rejects)
                file.refuse_if_changed()
            reasons = waiting.reasons(db)
    return SuppressionReport(
        file=str(path),
        said=table.said if len(table.header) > 1 else table.file.said,
        email=table.header[layout.places[EMAIL]] if table.header_row else None,
        read=verdicts.names,
        fallback=verdicts.fallback,
        rows=rows.taken + verdicts.stayed + skipped,
        new=merged.new,
        contacts=merged.contacts,
        stronger=merged.stronger,
        same=merged.same,
        duplicate=rows.taken - merged.new - merged.stronger - merged.same,
        stayed=verdicts.stayed,
        skipped=skipped,
        empty=rows.empty,
        by_reason=dict(verdicts.given.most_common()),
        not_understood=tuple(verdicts.not_understood.most_common(5)),
        reasons=reasons,
        rejects=rejects,
    )


def _table(file: TextFile, options: SuppressionOptions, people: Addressees) -> tuple[Table, str | None]:
    """The file as a table, even a list without a header; and the reason that the header of a list gives."""
    table = read_table(file, options.delimiter)
    if len(table.header) > 1:
        return table, None
    title = table.header[0]
    if "@" in title or _is_address(title, people):
        return replace(table, header=(EMAIL,), header_row=table.header_row - 1), None
    column = opt_out_column(title)
    return table, column.said if column and column.said.suppresses else None


def _is_address(text: str, people: Addressees) -> bool:
    try:
        people.address_hash(text)
    except ValueError:
        return False
    return True


def _layout(table: Table, options: SuppressionOptions) -> Layout:
    email = options.email
    if email is None and len(table.header) == 1:
        email = table.header[0]
    return lay_out(table, options.column_map, recognised={}, targets=TARGETS, several=(REASON,), email=email)


def _named_by(path: Path) -> str | None:
    """The reason that the name of a file gives."""
    said = said_in_file_name(path.name)
    return said if said and said.suppresses else None


def _refuse_subscribers(path: Path, verdicts: _Verdicts) -> None:
    """Raise Refused when nothing says that contacts left, and the file's name or a column says that they want mail."""
    if verdicts.reason is not None or verdicts.left or not sum(verdicts.given.values()):
        return
    if says_subscribed(path.name):
        signs = "Its name says that the people in it are subscribed"
    elif verdicts.wanting:
        rows = ", ".join(f"`{name}` in {how_many(count, 'row')}" for name, count in verdicts.wanting.items())
        signs = f"It says that people in it agreed to mail ({rows})"
    else:
        return
    quoted = flag("", str(path)).strip()
    raise Refused(
        f"{path} does not look like a list of people who left. {signs}, and nothing in it says that somebody left. "
        "Nothing was changed.",
        f"To import them as contacts:       nurture contacts import {quoted}\n"
        f"To never write to any of them:    nurture suppress import {quoted} --reason manual",
    )


class _Verdicts:
    """Why each row is suppressed, or that it says that nobody left; counts both."""

    def __init__(self, table: Table, layout: Layout, reason: str | None) -> None:
        self.reason = reason
        self.stayed = 0
        self.left = 0  # rows that give a reason
        self.given: Counter[str] = Counter()
        self.wanting: Counter[str] = Counter()  # by column, suppressed rows that agreed to mail
        self.not_understood: Counter[str] = Counter()
        self._columns = _telling(table, layout)
        self._names = tuple(table.header[place] for place in self._columns)
        self._own = next((place for place in self._columns if plain_name(table.header[place]) == OWN), None)
        self._agreeing = _agreeing(table, layout)
        self._seen: dict[tuple[int, str], Said | None] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are asked."""
        return self._names

    @property
    def fallback(self) -> str:
        """The reason of rows that do not give their own."""
        return self.reason or Said.MANUAL.value

    def reason_of(self, cells: Sequence[str | None]) -> str | None:
        """The reason of the row; None when it says that nobody left."""
        said: list[Said] = []
        unclear: list[str] = []
        for place, column in self._columns.items():
            text = cells[place]
            if text is None:
                continue
            found = self._said(place, text, column)
            if found is None:
                unclear.append(text)
            else:
                said.append(found)
        reason = self._verdict(said, unclear, cells)
        if reason is None:
            self.stayed += 1
            return None
        self.given[reason] += 1
        if any(one.suppresses for one in said):
            self.left += 1
            return reason
        if unclear:
            self.not_understood[unclear[0][:60]] += 1
        self.wanting.update(name for place, name in self._agreeing.items() if cells[place])
        return reason

    def _verdict(self, said: Sequence[Said], unclear: Sequence[str], cells: Sequence[str | None]) -> str | None:
        left = [one.value for one in said if one.suppresses]
        if left:
            return max(left, key=REASONS.index)
        if Said.NOTHING in said or (self._own is not None and cells[self._own] is None):
            return None
        if self.reason is None and self._columns and not unclear:
            return None  # the columns say nothing, or that the contact never agreed
        return self.fallback

    def _said(self, place: int, text: str, column: OptOutColumn) -> Said | None:
        try:
            return self._seen[place, text]
        except KeyError:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            found = self._seen[place, text] = said_in_cell(text, column)
            return found


def _agreeing(table: Table, layout: Layout) -> dict[int, str]:
    """The columns that say when contacts agreed to mail."""
    return {
        place: name
        for place, name in enumerate(table.header)
        if place not in layout.said and bare_name(name) in CONSENT_TIMES
    }


def _telling(table: Table, layout: Layout) -> dict[int, OptOutColumn]:
    """The columns that say which contacts left and why: those mapped to `reason`, else those whose names do."""
    status = OptOutColumn(OptOutKind.STATUS)
    mapped = layout.several.get(REASON, ())
    if mapped:
        return {place: opt_out_column(table.header[place]) or status for place in mapped}
    found: dict[int, OptOutColumn] = {}
    for place, name in enumerate(table.header):
        if place in layout.said or place == layout.places[EMAIL]:
            continue
        column = status if plain_name(name) == REASON else opt_out_column(name)
        if column is not None and not column.loose:
            found[place] = column
    return found


class _Rows:
    """The rows of the file, ready for the store; passes those that are left out to `refuse`."""

    def __init__(
        self,
        table: Table,
        layout: Layout,
        verdicts: _Verdicts,
        people: Addressees,
        refuse: Callable[[int, str], None],
        advance: Callable[[int], None] | None,
    ) -> None:
        self.taken = 0
        self.empty = 0
        self._table = table
        self._at = layout.places[EMAIL]
        self._verdicts = verdicts
        self._people = people
        self._refuse = refuse
        self._advance = advance

    def ready(self, source: str, now: int) -> Iterator[SuppressionRow]:
        width = len(self._table.header)
        with self._table.reading() as rows:
            for number, cells in rows:
                if self._advance is not None and number % _PORTION == 0:
                    self._advance(_PORTION)
                try:
                    ready = [clean(cell, None) for cell in cells]
                    if not any(ready):
                        self.empty += 1
                        continue
                    if len(cells) != width:
                        raise ValueError(f"The row has {len(cells)} cells, the header has {width}.")
                    address_hash = self._address_hash(ready[self._at] or "")
                except ValueError as error:
                    self._refuse(number, str(error))
                    continue
                reason = self._verdicts.reason_of(ready)
                if reason is not None:
                    self.taken += 1
                    yield number, address_hash, reason, source, now

    def _address_hash(self, text: str) -> bytes:
        try:
            return self._people.address_hash(text)
        except ValueError:
            if means_many(text) is None:
                raise
            raise ValueError("This means a whole domain, and only single addresses can be suppressed.") from None
