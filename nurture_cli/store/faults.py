"""Turns the errors of SQLite and the disk into our own, in one place."""

from __future__ import annotations

import sqlite3  # noqa: TID251  store/ is the door
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nurture_cli.errors import Busy, InputOutput, NurtureError, Refused
from nurture_cli.ownership import give_back

_LOOK = "Look with `nurture doctor --full`, and restore a backup in its place."
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_RAISED_INSIDE = "user-defined function raised exception"  # in the words of Python's sqlite3


class DiskFull(InputOutput):
    """The disk has no room for what must be written."""


def disk_full(path: Path | None) -> DiskFull:
    """The error for a disk without room for `path`."""
    where = f" that holds {path}" if path else ""
    return DiskFull(
        f"The disk{where} is full.", "Make room, also for temporary files, then run the same command again."
    )


def damaged(path: Path | None, words: str) -> Refused:
    """The error for a file with damage; `words` are SQLite's. The path is left out where it is not known."""
    return Refused(
        f"The database {f'{path} ' if path else ''}is damaged ({words}).",
        f"{_LOOK} Ask for help before running anything else.",
    )


def not_as_left(what: str) -> Refused:
    """The error for a row that nurture did not write like this: a bit flipped, or another program wrote it."""
    return Refused(f"The database is damaged, or another program changed it: {what} is not as nurture left it.", _LOOK)


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn SQLite's errors about the database at `path` into our own, but for faults in our SQL."""
    try:
        yield
    except sqlite3.Error as error:
        ours = _translation(error, path)
        if ours is None:
            raise
        raise ours from error


def damage_in(error: BaseException) -> Refused | None:
    """The error for a damaged database, if `error` says so: any statement may meet a damaged page."""
    if isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
        return damaged(None, str(error))
    return None


def interrupted(error: BaseException, *, signalled: bool) -> bool:
    """Whether a statement ended because a signal arrived in it; `signalled`: one did arrive at some time.

    What a signal raises inside a Python function that SQL calls is lost, and the error does not say what it was.
    """
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_INTERRUPT:
        return True
    return signalled and isinstance(error, sqlite3.OperationalError) and str(error) == _RAISED_INSIDE


def _translation(error: sqlite3.Error, path: Path | None) -> NurtureError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Python's own message repeats the text, which may be personal data.
        return damaged(path, "a text in it is not UTF-8") if str(error).startswith("Could not decode") else None
    where = path or "in memory"
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return disk_full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(f"The database {where} is in use by another program.", "Try again in a moment.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return InputOutput(f"The database {where} cannot be written to: {error}.", _owner(path))
        case sqlite3.SQLITE_CANTOPEN:
            return InputOutput(f"The database {where} cannot be opened: {error}.", _owner(path))
        case sqlite3.SQLITE_IOERR:
            return InputOutput(f"The disk failed for the database {where}: {error}.")
        case sqlite3.SQLITE_NOTADB:
            return Refused(
                f"{where} is not a SQLite database: it is another kind of file, encrypted, or damaged.",
                "Name the right file, or restore a backup in its place.",
            )
        case sqlite3.SQLITE_CORRUPT:
            return damaged(path, str(error))
        case _:
            return None


def _owner(path: Path | None) -> str | None:
    """What to do when the database, its log or the log's index belongs to another user."""
    if path is None:
        return None
    real = path.resolve()
    return give_back(real, *(real.with_name(real.name + end) for end in ("-wal", "-shm")))
