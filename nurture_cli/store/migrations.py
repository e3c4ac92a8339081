"""Bringing the schema up to date, in one transaction, after a verified copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.errors import Refused
from nurture_cli.store.backup import backup
from nurture_cli.store.database import (
    Connection,
    open_to_migrate,
    open_unchecked,
    run_lock,
    schema_version,
    writing,
)
from nurture_cli.store.schema import MIGRATIONS, SCHEMA_VERSION, statements

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATION_SET = "nurture"


def apply(db: Connection) -> None:
    """Apply what is pending and number the schema; call inside a transaction that was begun for writing."""
    # Imported here: it takes longer than most commands, and only `init` and `migrate` come this way.
    from sqlite_utils import Database, Migrations

    migrations = Migrations(MIGRATION_SET)
    for name in MIGRATIONS:
        migrations(name=name)(_step(name))
    migrations.apply(Database(db, recursive_triggers=False, execute_plugins=False))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _step(name: str) -> Callable[[Database], None]:
    def step(db: Database) -> None:
        for statement in statements(name):
            db.execute(statement)

    step.__name__ = name
    return step


def migrate(path: Path) -> Path | None:
    """Bring the database at `path` up to date; return the verified copy made before, or None if nothing was to do."""
    with run_lock(path):
        reader = open_unchecked(path)
        try:
            version = schema_version(reader, path)
        finally:
            reader.close()
        if version == SCHEMA_VERSION:
            return None
        copy = path.with_name(f"{path.name}.schema-{version}.backup")
        copy.unlink(missing_ok=True)
        backup(path, copy)
        db = open_to_migrate(path)
        try:
            with writing(db):
                apply(db)
                if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    raise Refused("The migration would leave rows that point nowhere; nothing was changed.")
        finally:
            db.close()
        return copy
