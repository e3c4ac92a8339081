"""Whether a run has anything to look at, told without reading the project: what cron asks every few minutes.

A run leaves behind under which files it left nothing undone. While those are the same, nothing is new in the database
and no time has come, the plan would be empty; so nothing of it needs to be made. Anything else, an error included, is
for the run itself.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

from nurture_cli import __version__
from nurture_cli.errors import NurtureError
from nurture_cli.keys import read_keys
from nurture_cli.places import CAMPAIGNS, CONFIG_FILE, JOURNAL_FILE, TEMPLATES
from nurture_cli.store.database import open_reader, run_lock
from nurture_cli.store.instance import is_idle, verify_instance, verify_key


def fingerprint(root: Path) -> str:
    """A fingerprint of the project's files as the file system knows them; it differs when any of them was written.

    A link in a folder counts as what it says, for it is only followed to a file beside it, which counts itself.
    """
    seen = [__version__, _state(root, CONFIG_FILE, follow=True)]
    for name in (CAMPAIGNS, TEMPLATES):
        folder = root / name
        seen.append(_state(root, name))
        if folder.is_dir() and not folder.is_symlink():
            seen += sorted(_state(root, f"{name}/{entry}") for entry in os.listdir(folder))  # noqa: PTH208  names alone
    return sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()


def _state(root: Path, name: str, *, follow: bool = False) -> str:
    try:
        state = (root / name).stat(follow_symlinks=follow)
        target = str((root / name).readlink()) if stat.S_ISLNK(state.st_mode) else ""
    except FileNotFoundError:  # an editor's file, already gone again
        return name
    return f"{name}\0{state.st_ino}\0{state.st_size}\0{state.st_mtime_ns}\0{target}"


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
