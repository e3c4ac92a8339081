"""A run that ends with an exception leaves a note in the database, so that `status` can show it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from nurture_cli.errors import Busy, Misconfigured, NurtureError, WrongUsage
from nurture_cli.keys import read_keys
from nurture_cli.store.database import Connection, open_writer, run_lock, writing
from nurture_cli.store.instance import verify_key
from nurture_cli.store.runs import record_blocked


def note_blocked(root: Path, database: Path, at: int, error: Exception) -> None:
    """Write down why a run ended, if the database can be written to and belongs to the project's key.

    Leaves no note after a wrong call, or while another run or command was on.
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
    """Refuse a wrong key, for then the database is another project's; a missing one may be what the note is about."""
    try:
        keys = read_keys(root)
    except Misconfigured:
        return
    verify_key(db, keys)
