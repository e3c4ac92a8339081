"""A text table: its delimiter, the names of its columns, and its rows one after the other."""

from __future__ import annotations

import csv
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.plain import Columns, plain_columns
from nurture_cli.inbound.textfile import MAX_LINE, TextFile

if TYPE_CHECKING:
    from _csv import Reader

Rows = list[tuple[int, list[str]]]
_MAX_FIELD = 1_000_000  # characters after which a cell is taken for an unclosed quote
_MAX_COLUMNS = 5_000
_SAMPLE = 20  # rows that are looked at to find the delimiter
_TOO_LONG = "row too long"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True, slots=True)
class Table:
    """A text file read as a table; its first row, row `header_row` of the file, names the columns."""

    file: TextFile
    delimiter: str
    header: tuple[str, ...]
    header_row: int

    @property
    def said(self) -> str:
        """Encoding and delimiter in words."""
        return f"{self.file.said}, {DELIMITERS.get(self.delimiter, repr(self.delimiter))} separated"

    @contextmanager
    def reading(self) -> Iterator[Iterator[tuple[int, list[str]]]]:
        """Every row after the header with its number, as a spreadsheet counts; an empty line is an empty list."""
        with _records(self.file, self.delimiter) as records:
            yield islice(enumerate(records, 1), self.header_row, None)

    @contextmanager
    def in_portions(self, lines: int, clear: str | None) -> Iterator[Iterator[Columns | Rows]]:
        """The same rows, those of a number of lines at a time: as columns of cells that `clean` would leave as they are
        wherever a portion is that plain, else as rows with their numbers.
        """
        with self.file.open() as text, _field_limit():
            yield self._portions(text, lines, clear)

    def _portions(self, text: TextIO, lines: int, clear: str | None) -> Iterator[Columns | Rows]:
        width, number, passed = len(self.header), 0, 0
        back: deque[str] = deque()  # lines that were looked at and are still to be read
        taken = _Taken(_first(back, text))
        reader = _reader(taken, self.delimiter)
        with _faults(self.file, self.delimiter, lambda: reader.line_num + passed):
            for _ in range(self.header_row):
                next(reader)
            number = self.header_row + 1
            while portion := list(islice(text, lines)):
                columns = plain_columns(portion, self.delimiter, width, clear)
                if columns is not None:
                    passed += len(portion)
                    yield Columns(number, columns)
                    number += len(portion)
                    continue
                back.extend(portion)
                rows: Rows = []
                while back:
                    taken.characters = 0
                    rows.append((number, next(reader)))
                    number += 1
                yield rows


def read_table(file: TextFile, delimiter: str | None = None) -> Table:
    """Find the delimiter and the header; raises Findings when there is no header, or one that is unusable."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n '):
        raise WrongUsage("A delimiter is one character, such as `;` (for a tab write it as $'\\t').")
    announced, skip = _announced(file)
    chosen = delimiter or announced or _sniff(file)
    with _records(file, chosen) as records:
        for number, cells in islice(enumerate(records, 1), skip, None):
            if any(cell.strip() for cell in cells):
                header = tuple(_title(cell) for cell in cells)
                _refuse_header(file, header)
                return Table(file, chosen, header, number)
    raise Findings(f"{file.path} is empty: it has no header row.", "The first row must name the columns.")


@contextmanager
def _records(file: TextFile, delimiter: str) -> Iterator[Iterator[list[str]]]:
    """The rows of a file; a fault in it raises Findings from within the block."""
    with file.open() as text, _field_limit():
        taken = _Taken(text)
        reader = _reader(taken, delimiter)
        with _faults(file, delimiter, lambda: reader.line_num):
            yield _one_by_one(reader, taken)


class _Taken:
    """Lines for a reader, with the number of characters that were taken for the present row; a row has a longest size.

    Lines are never that long themselves: the examination of the file looked for that.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self.characters = 0
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.characters += len(line)
        if self.characters > 2 * MAX_LINE:  # the reader reports one cell that is too long before this
            raise csv.Error(_TOO_LONG)
        return line


def _one_by_one(reader: Reader, taken: _Taken) -> Iterator[list[str]]:
    for row in reader:
        taken.characters = 0
        yield row


def _reader(lines: Iterable[str], delimiter: str) -> Reader:
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def _first(back: deque[str], text: TextIO) -> Iterator[str]:
    """The lines that were put back, then those of the file."""
    while True:
        while back:
            yield back.popleft()
        if not (line := next(text, "")):
            return
        yield line


@contextmanager
def _faults(file: TextFile, delimiter: str, line: Callable[[], int]) -> Iterator[None]:
    """Raise Findings for a fault in the file; `line` is the last line that was read."""
    try:
        yield
    except csv.Error as error:
        raise _broken(file, _last_good_line(file, delimiter) + 1, line(), str(error)) from None
    except UnicodeDecodeError:
        # It could be decoded a moment ago.
        file.refuse_if_changed()
        raise


def _last_good_line(file: TextFile, delimiter: str) -> int:
    """The line on which the last readable row ends."""
    line = 0
    with file.open() as text:
        taken = _Taken(text)
        reader = _reader(taken, delimiter)
        try:
            for _ in _one_by_one(reader, taken):
                line = reader.line_num
        except csv.Error:
            pass
    return line


def _broken(file: TextFile, first: int, last: int, words: str) -> Findings:
    if "expected after" in words:
        return Findings(
            f"{file.path}:{first}: a cell in quotes begins in the row of this line and ends wrongly in line {last}.",
            'The delimiter must follow the closing quote; write a quote inside a cell twice ("").',
        )
    if words == _TOO_LONG:
        return Findings(
            f"{file.path}:{first}: the row that begins in this line goes on for more than {MAX_LINE:,} characters.",
            "Is a quote missing? A cell in quotes may hold line ends, and goes on until the next quote.",
        )
    return Findings(
        f"{file.path}:{first}: a quote opens in the row of this line and never closes.",
        'Close it, or write a quote that belongs to the text twice ("").',
    )


@contextmanager
def _field_limit() -> Iterator[None]:
    # The limit belongs to the whole process; it is put back.
    before = csv.field_size_limit(_MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _announced(file: TextFile) -> tuple[str | None, int]:
    """The delimiter that Excel writes in a first line such as `sep=;`, and how many rows that takes."""
    with file.open() as text:
        first = text.readline(20).rstrip("\r\n").strip('"')
    return (first[4], 1) if len(first) == 5 and first.lower().startswith("sep=") else (None, 0)


def _sniff(file: TextFile) -> str:
    """The delimiter that makes the first rows a table: equally wide, as wide as can be."""

    def fitness(delimiter: str) -> tuple[float, int]:
        try:
            with _records(file, delimiter) as records:
                widths = [len(cells) for cells in islice(records, _SAMPLE) if cells]
        except Findings:
            return 0.0, 0
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    best = max(DELIMITERS, key=fitness)
    return best if fitness(best)[1] else ","


def _title(cell: str) -> str:
    visible = "".join(sign for sign in unicodedata.normalize("NFC", cell) if unicodedata.category(sign) != "Cf")
    return " ".join(visible.split())


def _refuse_header(file: TextFile, header: tuple[str, ...]) -> None:
    if len(header) > _MAX_COLUMNS:
        raise Findings(
            f"{file.path}: the header row names {len(header):,} columns; the limit is {_MAX_COLUMNS:,}.",
            "Export only the columns that you need.",
        )
    for place, name in enumerate(header, 1):
        if not name:
            raise Findings(
                f"{file.path}: column {place} has no name in the header row.", "Name it, or delete the column."
            )
    seen: dict[str, int] = {}
    for place, name in enumerate(header, 1):
        first = seen.setdefault(name.casefold(), place)
        if first != place:
            raise Findings(
                f"{file.path}: two columns have the name `{name[:60]}` (columns {first} and {place}).",
                "Rename one of them.",
            )
