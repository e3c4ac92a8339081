"""A database that tests copy is the one that `init` makes."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from nurture_cli.keys import Keys
from nurture_cli.store.create import create
from tests.conftest import A_TUESDAY_MORNING as NOW
from tests.projects import new_database

KEYS = Keys(bytes(range(32)))
MADE_BY_CHANCE = "UPDATE instance SET id = '', path = ''; UPDATE _sqlite_migrations SET applied_at = ''"


def told(path: Path) -> tuple[list[str], list[object], int]:
    """All rows and tables, what the head of the file says, and who may read it."""
    db = sqlite3.connect(path)
    db.executescript(MADE_BY_CHANCE)
    asked = ("journal_mode", "page_size", "auto_vacuum", "encoding", "application_id", "user_version")
    head = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    dump = list(db.iterdump())
    db.close()
    return dump, head, stat.S_IMODE(path.stat().st_mode)


def test_a_new_database_of_a_test_is_what_create_makes(tmp_path: Path) -> None:
    create(tmp_path / "made.db", NOW, KEYS)
    new_database(tmp_path / "copied.db", NOW, KEYS)

    assert told(tmp_path / "copied.db") == told(tmp_path / "made.db")
    assert not list(tmp_path.glob("copied.db-*"))
