"""The result of an import: every row accounted for, and the rows that were left out in a file of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.inbound.cells import guarded
from nurture_cli.inbound.table import Table
from nurture_cli.inbound.textfile import TextFile
from nurture_cli.store.incoming import Lacking
from nurture_cli.store.private import replacing


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`rows = new + changed + same + duplicate + skipped`; the notes speak of some of the rows taken in."""

    file: str
    said: str  # encoding and delimiter in words
    columns: Mapping[str, str]  # name of a column -> what it was read as
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
    likely: Mapping[str, str] = field(default_factory=dict)  # columns not read -> what they probably hold
    given: frozenset[str] = frozenset()  # fields that a column or a constant gives
    lacking: Lacking | None = None  # of contacts: what mail to them lacks
    unread_dates: tuple[str, ...] = ()  # texts that are no dates, in a column of consent that nobody mapped
    left_elsewhere: bool = False  # the file is a list of subscribers, and nobody imported who left the other tool
    tags: tuple[tuple[str, int], ...] = ()  # of the rows taken in, the most frequent first
    other_tags: int = 0  # how many more there are
    strange_zones: tuple[tuple[str, int, int], ...] = ()  # zones that are none: text, first row, number of rows

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that add up, and the notes."""
        numbers = {
            "rows": self.rows, "new": self.new, "changed": self.changed, "same": self.same,
            "duplicate": self.duplicate, "skipped": self.skipped, "empty": self.empty,
        }  # fmt: skip
        return numbers | dict(self.notes)


# What each number means, for one and for several.
NOTES = {
    "leaving": (
        "contact opted out, bounced or complained, according to this file, and is suppressed from now on",
        "contacts opted out, bounced or complained, according to this file, and are suppressed from now on",
    ),
    "suppressed": (
        "contact is suppressed: nothing is sent to them",
        "contacts are suppressed: nothing is sent to them",
    ),
    "consent_kept": (
        "contact has less consent here than in the file, and keeps it (--raise-consent takes the file's)",
        "contacts have less consent here than in the file, and keep it (--raise-consent takes the file's)",
    ),
    "proof_kept": (
        "contact keeps the date, basis or source of their consent (--raise-consent takes the file's)",
        "contacts keep the date, basis or source of their consent (--raise-consent takes the file's)",
    ),
    "stage_kept": (
        "contact is further on than in the file, and stays there",
        "contacts are further on than in the file, and stay there",
    ),
    "zones_unknown": (
        "contact has a time zone that is not known; the project's zone counts for them",
        "contacts have a time zone that is not known; the project's zone counts for them",
    ),
    "zones_etc": (
        "contact has a zone such as Etc/GMT+2, which means two hours *behind* UTC",
        "contacts have a zone such as Etc/GMT+2, which means two hours *behind* UTC",
    ),
    "requests": ("event asks for an asset, which goes out next", "events ask for an asset, which goes out next"),
    "suppressions": (
        "address unsubscribed, complained or bounced for good, and is suppressed from now on",
        "addresses unsubscribed, complained or bounced for good, and are suppressed from now on",
    ),
    "strangers": (
        "address has no contact, and is suppressed all the same",
        "addresses have no contact, and are suppressed all the same",
    ),
}


def write_rejects(table: Table, problems: Iterable[tuple[int, str]], path: Path) -> None:
    """Write the rows with problems, in the order of the file, with their numbers and reasons."""
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
    """Write the lines with problems, in the order of the file, each as an object with number and reason."""
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
