"""The schema, as a list of migrations: one SQL file each, applied in this order, never edited once released."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from sqlite3 import complete_statement  # noqa: TID251  store/ is the door; this only reads text

FOLDER = Path(__file__).parent
MIGRATIONS = ("0001_first", "0002_first_day", "0003_witness", "0004_limits", "0005_scale", "0006_smaller")

# What `PRAGMA user_version` and `PRAGMA application_id` ("NURT") say of a database of ours.
SCHEMA_VERSION = len(MIGRATIONS)
APPLICATION_ID = 0x4E555254


@cache
def statements(migration: str) -> tuple[str, ...]:
    """The SQL statements of one migration, in order."""
    found: list[str] = []
    pending = ""
    for line in (FOLDER / f"{migration}.sql").read_text("utf-8").splitlines(keepends=True):
        pending += line
        if complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    return tuple(found)
