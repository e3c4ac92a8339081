"""Whether a run has anything to look at, told without reading the project: what cron asks every few minutes.

A run leaves behind under which files it left nothing undone. While those are the same, nothing is new in the database
and no time has come, the plan would be empty; so nothing of it needs to be made. Anything else, an error included, is
for the run itself.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from nurture_cli import __version__
from nurture_cli.errors import NurtureError
from nurture_cli.keys import read_keys
from nurture_cli.places import CAMPAIGNS, CONFIG_FILE, JOURNAL_FILE, TEMPLATES
from nurture_cli.store.database import open_reader, run_lock
from nurture_cli.store.instance import is_idle, verify_instance, verify_key

READ = (CONFIG_FILE, CAMPAIGNS, TEMPLATES)


def fingerprint(root: Path) -> str:
    """A fingerprint of the project's files as the file system knows them; it differs when any of them was written."""
    seen = [__version__]
    for name in READ:
        place = root / name
        for path in (place, *sorted(place.rglob("*"))):
            state = os.stat(path)  # noqa: PTH116  the same for a folder and what is in it
            seen.append(f"{path.relative_to(root)}\0{state.st_ino}\0{state.st_size}\0{state.st_mtime_ns}")
    return sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()


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
