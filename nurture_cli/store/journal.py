"""The send journal: a second witness outside of the database, of what was sent and of who left.

Every touch that has passed its point of no return in the database leaves a line here before it is handed over, and
every suppression that was made or lifted leaves one soon after. The commit that precedes a line also records how long
the journal will be with it. So a line beyond that length is one of which the database does not know: it has lost its
memory (a restored backup, another file, a log that was deleted), and would mail everybody again, those who left too. A
run refuses until `nurture recover` has brought the two together. A journal that is shorter has lost lines, to a crash
or to somebody's knife; the database knows them.

Whoever adds lines commits and writes inside one `sole_writer`: nobody else sees the file shorter than is recorded.
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
from nurture_cli.store import ledger, witness
from nurture_cli.store.database import run_lock, sole_writer, translated, writing
from nurture_cli.store.instance import read_instance, renew
from nurture_cli.store.journal_lines import SuppressionLine, TouchLine, encoded, header, read_header, read_lines, told
from nurture_cli.store.private import replacing, sync_directory

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

BATCH = 20_000  # suppressions that are written in one go


class Journal:
    """The open journal of one run; lines are durable when it is closed, or the machine feels like it."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def write(self, data: bytes) -> None:
        """Add lines as `encoded` makes them, all or none, inside `sole_writer`; raises DiskFull or InputOutput."""
        with told(self._path):
            written = os.write(self._handle, data)
            if written != len(data):
                os.ftruncate(self._handle, os.fstat(self._handle).st_size - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Make the lines durable."""
        try:
            with told(self._path):
                os.fsync(self._handle)
        finally:
            os.close(self._handle)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing journal and database came to: `size` bytes of whole lines."""

    size: int
    fresh: bool = False  # neither has seen a send, or a suppression
    behind: bool = False  # the journal is shorter than the database remembers


def open_journal(db: Connection, path: Path) -> Journal:
    """The journal for a run; refuses as `verify` does."""
    with sole_writer(db):
        mend(db, path)
        if read_header(path)[1] is None:
            rebuild(db, path)
        return _opened(path)


def _opened(path: Path) -> Journal:
    with told(path):
        return Journal(path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))


def mend(db: Connection, path: Path) -> bool:
    """Bring the two exactly together; whether the journal had lost lines. Refuses as `verify` does.

    One with lost lines is written anew. What the database knows beyond the length that it recorded is recorded, and a
    line that was being written when somebody died is cut off: it was never acted upon.
    """
    if _together(db, path):
        return False
    with sole_writer(db):
        found = verify(db, path)
        if found.behind:
            rebuild(db, path)
        elif not found.fresh:
            with told(path):
                os.truncate(path, found.size)
            with writing(db):
                ledger.record_journal(db, found.size)
    return found.behind


def catch_up(db: Connection, path: Path) -> None:
    """Write into the journal what it does not tell yet of suppressions.

    What a killed run left apart is mended first: the people may leave, and a backup be restored, before the next run.
    Raises Refused as `verify` does, and Busy when the two are apart while a run is on, which brings them together.
    """
    with translated(db.path):
        while witness.any_unwitnessed(db):
            with sole_writer(db):
                if read_header(path)[1] is None and ledger.is_fresh(db):
                    rebuild(db, path)
                elif _together(db, path):
                    _tell_more(db, path)
                else:
                    _mend_without_run(db, path)


def _mend_without_run(db: Connection, path: Path) -> None:
    """Mend what no run is about to: its lines go into the file that it has open."""
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
    """At its end, tell the journal what the block did to suppressions; if that fails, the next run does."""
    try:
        yield
    finally:
        with suppress(NurtureError):
            catch_up(db, path)


def _tell_more(db: Connection, path: Path) -> None:
    """Write some of the suppressions that the journal does not tell of, inside `sole_writer`."""
    journal = _opened(path)
    try:
        with writing(db):
            data = b"".join(witness.witness(db, BATCH))
            ledger.grow_journal(db, len(data))
        journal.write(data)
    finally:
        journal.close()


def _together(db: Connection, path: Path) -> bool:
    """Whether the journal is the database's, and exactly as long as it recorded."""
    instance = read_instance(db)
    with told(path):
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
            left += not witness.tells_nothing_new(db, line)
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

    Its lines lie elsewhere than in the one before, of which a backup may remember a length. That length would say
    nothing of this one, so the database gets another id, and such a backup is compared with every line.
    """
    with sole_writer(db), told(path):
        found = read_instance(db)
        with replacing(path) as file, writing(db):
            size = 0
            for data in _everything(db, renew(db) if found.journal_size else found.id):
                size += len(data)
                file.write(data.decode())
            file.flush()  # a full disk is met while everything can stay as it was
            ledger.record_journal(db, size)
        sync_directory(path.parent)
    return size


def _everything(db: Connection, owner: str) -> Iterator[bytes]:
    """The whole journal, in pieces; suppressions count as witnessed when they were taken."""
    yield header(owner)
    for row in ledger.witnessed(db):
        yield encoded([TouchLine(*(*row[:9], bool(row[9]), bool(row[10]), *row[11:]))])
    witness.forget_witness(db)
    while lines := witness.witness(db, BATCH):
        yield b"".join(lines)
