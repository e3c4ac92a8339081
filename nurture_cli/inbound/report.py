"""What came of an import: every row accounted for, and the rows that were left out in a file of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nurture_cli.inbound.cells import guarded
from nurture_cli.inbound.table import Table
from nurture_cli.inbound.textfile import TextFile
from nurture_cli.store.private import replacing


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`rows = new + changed + same + duplicate + skipped`; the notes speak of some of the rows taken in."""

    file: str
    said: str  # encoding and delimiter in words
    columns: Mapping[str, str]  # target -> name of its column
    ignored: tuple[str, ...]  # columns that were not read
    rows: int
    new: int
    changed: int
    same: int
    duplicate: int  # rows with the identity of an earlier row
    skipped: int
    empty: int  # rows without anything in them, which count nowhere
    notes: Mapping[str, int]  # by name, those above zero: see `NOTES`
    reasons: tuple[tuple[str, int], ...]  # why rows were skipped, the most frequent first
    rejects: Path | None  # where the rows that were left out were written

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that add up, and the notes."""
        numbers = {
            "rows": self.rows, "new": self.new, "changed": self.changed, "same": self.same,
            "duplicate": self.duplicate, "skipped": self.skipped, "empty": self.empty,
        }  # fmt: skip
        return numbers | dict(self.notes)


NOTES = {
    "suppressed": "are suppressed and stay so: nothing is sent to them",
    "consent_kept": "have less consent here than in the file; the stricter one stays",
    "stage_kept": "are further on than in the file and stay where they are",
    "zones_unknown": "have a time zone that is no IANA name; the project's zone counts for them",
    "requests": "ask for an asset, which goes out next",
    "suppressions": "unsubscribed, complained or bounced for good and are suppressed from now on",
    "strangers": "are addresses without a contact, and are suppressed all the same",
    "zones_etc": "have a zone such as Etc/GMT+2, which means two hours *behind* UTC",
}


def write_rejects(table: Table, problems: Iterable[tuple[int, str]], path: Path) -> None:
    """Write the rows with problems, which come in the order of the file, with their numbers and reasons."""
    left = iter(problems)
    problem = next(left, None)
    with table.reading() as rows, replacing(path) as file:
        out = csv.writer(file)
        out.writerow(["row", "reason", *map(guarded, table.header)])
        for number, cells in rows:
            if problem is None:
                break
            if number == problem[0]:
                out.writerow([number, problem[1], *(guarded(cell.replace("\0", "")) for cell in cells)])
                problem = next(left, None)


def write_rejected_lines(file: TextFile, problems: Iterable[tuple[int, str]], path: Path) -> None:
    """Write the lines with problems, which come in the order of the file, each as an object with number and reason."""
    left = iter(problems)
    problem = next(left, None)
    with file.open() as text, replacing(path) as out:
        for number, line in enumerate(text, 1):
            if problem is None:
                break
            if number == problem[0]:
                row = {"row": number, "reason": problem[1], "line": line.rstrip("\r\n")}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                problem = next(left, None)
