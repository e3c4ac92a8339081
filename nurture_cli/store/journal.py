"""The send journal: a second witness outside of the database, of what was sent and of who left.

Every touch leaves a line here before its message may be delivered, and every suppression that was made or lifted leaves
one soon after. The commit before a line also records how long the journal will be with it. So the database does not
know a line beyond that length: it has lost its memory (a restored backup, another file, a log that was deleted), and
would mail everybody again, contacts who left too. A run refuses until `nurture recover` has brought the two together. A
journal that is shorter has lost lines, because the machine crashed or somebody cut it; the database knows them.

To add lines, commit and write inside one `sole_writer`, so that no other process sees the file shorter than recorded.
`docs/architecture.md` says what is on disk when.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.errors import NurtureError, Refused
from nurture_cli.plural import how_many
from nurture_cli.store import ledger, suppression_lines
from nurture_cli.store.database import run_lock, sole_writer, translated, writing
from nurture_cli.store.instance import read_instance, renew
from nurture_cli.store.journal_lines import (
    SuppressionLine,
    TouchLine,
    encoded,
    header,
    read_header,
    read_lines,
    translated_oserror,
)
from nurture_cli.store.private import replacing, sync_directory

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

BATCH = 20_000  # suppressions that are written in one go


class Journal:
    """The open journal of one run; its lines are durable once it is closed, or the system has written them back."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def write(self, data: bytes) -> None:
        """Add lines as `encoded` makes them, all or none, inside `sole_writer`; raises DiskFull or InputOutput."""
        with translated_oserror(self._path):
            written = os.write(self._handle, data)
            if written != len(data):
                os.ftruncate(self._handle, os.fstat(self._handle).st_size - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Make the lines durable."""
        try:
            with translated_oserror(self._path):
                os.fsync(self._handle)
        finally:
            os.close(self._handle)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How journal and database compare: the journal has `size` bytes of whole lines."""

    size: int
    fresh: bool = False  # neither has seen a send, or a suppression
    behind: bool = False  # the journal is shorter than the database remembers


def open_journal(db: Connection, path: Path) -> Journal:
    """Open the journal for a run; raises Refused as `verify` does."""
    with sole_writer(db):
        mend(db, path)
        if read_header(path)[1] is None:
            rebuild(db, path)
        return _opened(path)


def _opened(path: Path) -> Journal:
    with translated_oserror(path):
        return Journal(path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))


def mend(db: Connection, path: Path) -> bool:
    """Bring journal and database exactly together; true when the journal had lost lines.

    A journal with lost lines is rebuilt. Lines beyond the recorded length that the database knows are recorded, and a
    line that a killed process wrote in part is cut off: nothing was delivered for it. Raises Refused as `verify` does.
    """
    if _together(db, path):
        return False
    with sole_writer(db):
        found = verify(db, path)
        if found.behind:
            rebuild(db, path)
        elif not found.fresh:
            with translated_oserror(path):
                os.truncate(path, found.size)
            with writing(db):
                ledger.record_journal(db, found.size)
    return found.behind


def catch_up(db: Connection, path: Path) -> None:
    """Write the lines that the journal lacks about suppressions.

    Mends first what a killed run left apart: contacts may leave, and a backup be restored, before the next run. Raises
    Refused as `verify` does, and Busy when the two are apart while a run is on, which brings them together.
    """
    with translated(db.path):
        while suppression_lines.any_unwitnessed(db):
            with sole_writer(db):
                if read_header(path)[1] is None and ledger.is_fresh(db):
                    rebuild(db, path)
                elif _together(db, path):
                    _write_more(db, path)
                else:
                    _mend_without_run(db, path)


def _mend_without_run(db: Connection, path: Path) -> None:
    """Mend while no run is on, for a run goes on writing into the file that it has open."""
    if db.path is None:
        raise AssertionError("a scratch database has no journal")
    with run_lock(db.path):
        mend(db, path)


def insist_on_writing(path: Path) -> None:
    """Raise InputOutput when a run could not add lines to the journal that is there."""
    if path.exists():
        _opened(path).close()


@contextmanager
def witnessing(db: Connection, path: Path) -> Iterator[None]:
    """When the block ends, write its suppressions into the journal; if that fails, the next run does."""
    try:
        yield
    finally:
        with suppress(NurtureError):
            catch_up(db, path)


def _write_more(db: Connection, path: Path) -> None:
    """Write some of the lines that the journal lacks about suppressions, inside `sole_writer`."""
    journal = _opened(path)
    try:
        with writing(db):
            data = b"".join(suppression_lines.lines_to_write(db, BATCH))
            ledger.grow_journal(db, len(data))
        journal.write(data)
    finally:
        journal.close()


def _together(db: Connection, path: Path) -> bool:
    """Whether the journal belongs to the database, and is exactly as long as the database recorded."""
    instance = read_instance(db)
    with translated_oserror(path):
        return read_header(path)[1] == instance.id and path.stat().st_size == instance.journal_size


def verify(db: Connection, path: Path) -> Comparison:
    """Compare the journal with the database; raises Refused when the database has forgotten something."""
    instance = read_instance(db)
    head, owner = read_header(path)
    if owner is None:
        if ledger.is_fresh(db):
            return Comparison(0, fresh=True)
        raise Refused(
            f"The send journal {path} is missing or empty, though this database has written to it.",
            "Put it back beside the database; without it nurture cannot tell whether the database is out of date. "
            "If it is lost for good: `nurture recover --without-journal` makes a new one.",
        )
    if owner != instance.id:
        raise Refused(
            f"The send journal {path} belongs to another database than the one beside it.",
            "Was the database made anew, replaced, or restored from a backup? Run `nurture recover`: it adds the sends "
            "and the suppressions that the journal knows.",
        )
    size = path.stat().st_size
    if size < instance.journal_size:
        return Comparison(size, behind=True)
    end, sends, left = max(head, instance.journal_size), 0, 0
    for end_of_line, line in read_lines(path, end):
        end = end_of_line
        if isinstance(line, SuppressionLine):
            left += suppression_lines.is_news(db, line)
        else:
            sends += not ledger.remembers(ledger.find_entry(db, line.key), line.run_id)
    if sends or left:
        raise _forgotten(sends, left)
    return Comparison(end)


def _forgotten(sends: int, left: int) -> Refused:
    both = [how_many(number, noun) for number, noun in ((sends, "send"), (left, "suppression")) if number]
    return Refused(
        f"The send journal knows {' and '.join(both)} that this database has forgotten; "
        "it may be a restored backup, or have lost its log (the file ending in -wal).",
        "Nothing was sent. Restore the latest database, or run `nurture recover`: it marks those sends as in doubt, so "
        "that nobody gets them twice, and suppresses the contacts who left.",
    )


def rebuild(db: Connection, path: Path) -> int:
    """Write the journal anew from what the database knows, and bind the two together; returns its size.

    A backup may remember the length of the journal before, whose lines were in other places. That length says nothing
    about this one, so the database gets another id, and such a backup is compared with every line.
    """
    with sole_writer(db), translated_oserror(path):
        found = read_instance(db)
        with replacing(path) as file, writing(db):
            size = 0
            for data in _everything(db, renew(db) if found.journal_size else found.id):
                size += len(data)
                file.write(data.decode())
            file.flush()  # so that a full disk shows while everything can stay as it was
            ledger.record_journal(db, size)
        sync_directory(path.parent)
    return size


def _everything(db: Connection, owner: str) -> Iterator[bytes]:
    """The whole journal, in pieces; the suppressions in them count as witnessed."""
    yield header(owner)
    for row in ledger.witnessed(db):
        yield encoded([TouchLine(*(*row[:9], bool(row[9]), bool(row[10]), *row[11:]))])
    suppression_lines.forget_witnessed(db)
    while lines := suppression_lines.lines_to_write(db, BATCH):
        yield b"".join(lines)
