"""A run that ended before it could look at anybody leaves a note, so that `status` can tell of it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from nurture_cli.errors import Busy, Misconfigured, NurtureError, WrongUsage
from nurture_cli.keys import read_keys
from nurture_cli.store.database import Connection, open_writer, run_lock, writing
from nurture_cli.store.instance import verify_key
from nurture_cli.store.runs import record_blocked


def note_blocked(root: Path, database: Path, at: int, error: Exception) -> None:
    """Write down why a run ended, where the database can be written to and is that of the project's key.

    A wrong call, and a run that another one kept out, are no news.
    """
    if isinstance(error, (Busy, WrongUsage)):
        return
    if isinstance(error, NurtureError):
        ended, code = error.sentence, error.exit_code
    else:
        ended, code = f"an error inside nurture ({type(error).__name__})", NurtureError.exit_code
    with suppress(NurtureError), run_lock(database):
        db = open_writer(database)
        try:
            _refuse_foreign_key(db, root)
            with writing(db):
                record_blocked(db, at=at, due=0, ended=ended, code=code)
        finally:
            db.close()


def _refuse_foreign_key(db: Connection, root: Path) -> None:
    """A missing or unreadable key may be what the note is about; a wrong one means that the database is not ours."""
    try:
        keys = read_keys(root)
    except Misconfigured:
        return
    verify_key(db, keys)
