"""The send journal: a second witness outside of the database.

Every touch that has passed its point of no return in the database, and nothing else, leaves a line here before it is
handed over. The commit that marks the touch also records how long the journal will be with its line. So a line beyond
that length is a send of which the database does not know: it has lost its memory (a restored backup, another file, a
log that was deleted), and would mail everybody again. A run refuses until `nurture recover` has brought the two
together. A journal that is shorter has lost lines, to a crash or to somebody's knife; the database knows them.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.ownership import give_back
from nurture_cli.plural import how_many
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, DiskFull, writing
from nurture_cli.store.instance import read_instance, renew
from nurture_cli.store.private import replacing, sync_directory

FORMAT = 1
LONGEST_LINE = 65536  # bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One touch at its point of no return; the contact is known by the hash of the address (hexadecimal) alone."""

    key: str
    contact: str
    campaign: str
    step: str
    hop: int
    asset: str
    family: str
    once_scope: str
    channel: str
    reaches_contact: bool
    stream: bool
    due_at: int
    campaign_hash: str
    asset_hash: str
    body_hash: str
    message_id: str
    run_id: int
    at: int


_NAMES = tuple(field.name for field in fields(Line))


class Journal:
    """The open journal of one run; lines are durable when it is closed, or the machine feels like it."""

    def __init__(self, path: Path, handle: int, size: int) -> None:
        self._path = path
        self._handle = handle
        self._size = size

    @property
    def size(self) -> int:
        """Bytes of all lines so far."""
        return self._size

    def write(self, data: bytes) -> None:
        """Add lines as `encoded` makes them, all or none; raises DiskFull or InputOutput."""
        try:
            if os.write(self._handle, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            os.ftruncate(self._handle, self._size)
            raise _trouble(self._path, error) from None
        self._size += len(data)

    def close(self) -> None:
        """Make the lines durable."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise _trouble(self._path, error) from None
        finally:
            os.close(self._handle)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing journal and database came to: `size` bytes of whole lines."""

    size: int
    fresh: bool = False  # neither has seen a send
    behind: bool = False  # the journal is shorter than the database remembers


def open_journal(db: Connection, path: Path) -> Journal:
    """The journal for a run; refuses as `verify` does."""
    found = verify(db, path)
    size = rebuild(db, path) if found.fresh else found.size
    with _told(path):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.ftruncate(handle, size)  # a line that was being written when the last run died: it sent nothing
    with writing(db):
        ledger.record_journal(db, size)
    return Journal(path, handle, size)


def mend(db: Connection, path: Path) -> bool:
    """Write a journal anew that has lost lines; whether that was so. Refuses as `verify` does."""
    found = verify(db, path)
    if found.behind:
        rebuild(db, path)
    return found.behind


def verify(db: Connection, path: Path) -> Comparison:
    """Compare the journal with the database; raises Refused when the database has forgotten a send."""
    instance = read_instance(db)
    head, owner = read_header(path)
    if owner is None:
        if ledger.is_fresh(db):
            return Comparison(0, fresh=True)
        raise Refused(
            f"The send journal {path} is missing or empty, though this database has sent.",
            "Put it back beside the database; without it nurture cannot tell whether the database is out of date. "
            "If it is lost for good: `nurture recover --without-journal` makes a new one.",
        )
    if owner != instance.id:
        raise Refused(
            f"The send journal {path} belongs to another database than the one beside it.",
            "Was the database made anew, replaced, or restored from a backup? Run `nurture recover`: it adds the sends "
            "that the journal knows.",
        )
    size = path.stat().st_size
    if size < instance.journal_size:
        return Comparison(size, behind=True)
    end, forgotten = max(head, instance.journal_size), 0
    for end_of_line, line in read_lines(path, end):
        end = end_of_line
        forgotten += not ledger.remembers(ledger.find_entry(db, line.key), line.run_id)
    if forgotten:
        raise Refused(
            f"The send journal knows {how_many(forgotten, 'send')} that this database has forgotten; "
            "it may be a restored backup, or have lost its log (the file ending in -wal).",
            "Nothing was sent. Restore the latest database, or run `nurture recover`: it marks those sends as in "
            "doubt, so that nobody gets them twice.",
        )
    return Comparison(end)


def rebuild(db: Connection, path: Path) -> int:
    """Write the journal anew from what the database knows, and bind the two together; returns its size.

    Its lines lie elsewhere than in the one before, of which a backup may remember a length. That length would say
    nothing of this one, so the database gets another id, and such a backup is compared with every line.
    """
    found = read_instance(db)
    with _told(path), replacing(path) as file, writing(db):
        head = _encoded({"journal": FORMAT, "instance": renew(db) if found.journal_size else found.id})
        size = len(head)
        file.write(head.decode())
        for row in ledger.witnessed(db):
            line = _line(Line(*(*row[:9], bool(row[9]), bool(row[10]), *row[11:])))
            size += len(line)
            file.write(line.decode())
        file.flush()  # a full disk is met while everything can stay as it was
        ledger.record_journal(db, size)
    sync_directory(path.parent)
    return size


def read_lines(path: Path, start: int) -> Iterator[tuple[int, Line]]:
    """The whole lines from byte `start` on, each with the byte at which it ends; a torn last line is left out."""
    with _told(path), path.open("rb") as file:
        if start:
            file.seek(start - 1)
            if file.read(1) != b"\n":
                raise _altered(path)
        while (raw := file.readline(LONGEST_LINE)).endswith(b"\n"):
            start += len(raw)
            try:
                line = Line(**json.loads(raw))
            except (ValueError, TypeError):
                raise _altered(path) from None
            yield start, line
        if len(raw) == LONGEST_LINE:
            raise _altered(path)


def read_header(path: Path) -> tuple[int, str | None]:
    """Where the lines begin, and the id of the database that the journal belongs to (None: there is no journal)."""
    try:
        with path.open("rb") as file:
            raw = file.readline(LONGEST_LINE)
    except FileNotFoundError:
        return 0, None
    except OSError as error:
        raise _trouble(path, error) from None
    if not raw.endswith(b"\n"):
        return 0, None
    try:
        head = json.loads(raw)
        if head["journal"] != FORMAT:
            raise Refused(
                f"The send journal {path} was written by a newer version of nurture.", "Install that version."
            )
        return len(raw), str(head["instance"])
    except (ValueError, TypeError, KeyError):
        raise _altered(path) from None


_ENCODER = json.JSONEncoder(separators=(",", ":"))  # made once: `dumps` would make one for each line


def encoded(lines: Iterable[Line]) -> bytes:
    """Lines as they stand in the journal: their length is known before they are written."""
    return b"".join(map(_line, lines))


def _line(line: Line) -> bytes:
    return _encoded({name: getattr(line, name) for name in _NAMES})


def _encoded(line: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(line).encode() + b"\n"


def _altered(path: Path) -> Refused:
    return Refused(
        f"The send journal {path} was altered: a line of it cannot be read.",
        "Restore it; or, when the database is sure to be the latest, move the journal away: "
        "`nurture recover --without-journal` makes a new one.",
    )


def _trouble(path: Path, error: OSError) -> InputOutput:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk that holds the send journal {path} is full.", "Make room, then run again.")
    return InputOutput(f"The send journal {path} cannot be read or written: {error.strerror}.", give_back(path))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn trouble with the file into our own errors."""
    try:
        yield
    except OSError as error:
        raise _trouble(path, error) from None
