"""Backups: copies of the database that are verified."""

from __future__ import annotations

import os
from pathlib import Path

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.ownership import give_back
from nurture_cli.store.database import Connection, open_unchecked, translated
from nurture_cli.store.private import create_private, sync_directory

_PAGES = 4096  # copied at a time; others may write in between


def backup(path: Path, copy: Path) -> int:
    """Copy the database at `path`, which may be in use, to the new file `copy`; return the size in bytes.

    The copy is compared with what was copied and checked for damage before it gets its name.
    """
    half = copy.with_name(f".{copy.name}.half")
    source = open_unchecked(path)
    try:
        if copy.exists():
            raise Refused(f"{copy} exists already; nothing was changed.", "Choose another name.")
        half.unlink(missing_ok=True)
        try:
            os.close(create_private(half))
        except OSError as error:
            raise InputOutput(f"{copy} cannot be written: {error.strerror}.", give_back(copy)) from error
        try:
            with translated(copy):
                _copy(source, half, copy)
            half.rename(copy)
            sync_directory(copy.parent)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    finally:
        source.close()
    return copy.stat().st_size


def _copy(source: Connection, half: Path, copy: Path) -> None:
    # One read transaction over the copying and the counting: both see the same instant.
    source.execute("BEGIN")
    expected = _counts(source)
    target = Connection(str(half), isolation_level=None)
    try:
        source.backup(target, pages=_PAGES)
        # A copy of one file, without a log beside it, can be mailed, stored and read anywhere.
        target.execute("PRAGMA journal_mode = DELETE")
        verdict = target.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            raise Refused(f"The copy {copy} would be damaged ({verdict}); none was kept.", "Run `nurture doctor`.")
        if _counts(target) != expected:
            raise Refused(f"The copy {copy} would not be complete; none was kept.", "Run `nurture doctor`.")
    finally:
        target.close()
        source.execute("COMMIT")
    with half.open("rb") as file:
        os.fsync(file.fileno())


def _counts(db: Connection) -> dict[str, int]:
    names = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    counts = {}
    for (name,) in names:
        quoted = '"' + name.replace('"', '""') + '"'
        counts[name] = db.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608  a table's own name
    return counts
