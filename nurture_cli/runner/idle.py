"""Whether a run has anything to do, found out without reading the project: what cron asks every few minutes.

A run that leaves nothing undone records the fingerprint of the files that it has read. As long as the files have that
fingerprint, nothing is new in the database, and no time has come, the plan would be empty, so nobody needs to make it.
Anything else, an error included, is for the run itself.
"""

from __future__ import annotations

from pathlib import Path

from nurture_cli.campaign.fingerprint import fingerprint
from nurture_cli.errors import NurtureError
from nurture_cli.keys import read_keys
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.store.database import open_reader, run_lock
from nurture_cli.store.instance import is_idle, verify_instance, verify_key


def nothing_to_do(root: Path, database: Path, now: int) -> bool:
    """Whether a run at instant `now` would find nothing at all; False also when only a run can tell."""
    try:
        journal = database.with_name(JOURNAL_FILE)
        size = journal.stat().st_size if journal.exists() else 0
        files = fingerprint(root)
        keys = read_keys(root)
        with run_lock(database):
            db = open_reader(database)
            try:
                verify_key(db, keys)
                verify_instance(db, database, now)
                return is_idle(db, files=files, journal_size=size, now=now)
            finally:
                db.close()
    except (NurtureError, OSError):
        return False
