"""Brings the schema up to date, in one transaction, after a verified copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.errors import Refused
from nurture_cli.keys import KEY_FILE, Keys
from nurture_cli.store.backup import backup
from nurture_cli.store.contacts import count_contacts
from nurture_cli.store.database import (
    Connection,
    open_to_migrate,
    open_unchecked,
    run_lock,
    schema_version,
    writing,
)
from nurture_cli.store.health import strangers
from nurture_cli.store.instance import bind_key, verify_key
from nurture_cli.store.queries import queries
from nurture_cli.store.schema import MIGRATIONS, SCHEMA_VERSION, statements
from nurture_cli.store.seals import seal_everything

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATION_SET = "nurture"


def apply(db: Connection) -> None:
    """Apply the pending migrations and number the schema; call inside a transaction that was begun for writing."""
    # Imported here, because it takes longer than most commands, and only `init` and `migrate` need it.
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


def migrate(path: Path, keys: Keys) -> Path | None:
    """Bring the database at `path` up to date; returns the verified copy, or None if it was up to date.

    Raises Refused, with nothing changed, when its addresses were hashed with other keys than `keys`.
    """
    with run_lock(path):
        reader = open_unchecked(path)
        try:
            version = schema_version(reader, path)
            if version == SCHEMA_VERSION:
                verify_key(reader, keys)
                return None
        finally:
            reader.close()
        copy = path.with_name(f"{path.name}.schema-{version}.backup")
        copy.unlink(missing_ok=True)
        backup(path, copy)
        db = open_to_migrate(path)
        try:
            with writing(db):
                _refuse_second_contacts(db)
                apply(db)
                _bind_key(db, keys)
                seal_everything(db)
                if db.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    raise Refused("The migration would leave rows that point nowhere; nothing was changed.")
        finally:
            db.close()
        return copy


def _refuse_second_contacts(db: Connection) -> None:
    """Raise Refused for an address that two contacts have, perhaps from an import with another project's key file."""
    twice: int = db.execute(queries("contacts")["count_second"]).fetchone()[0]
    if twice:
        raise Refused(
            f"{twice:,} {'address has' if twice == 1 else 'addresses have'} more than one contact, because contacts "
            "were imported with another key file.",
            "Nothing was changed. Restore a backup from before that import, and run `nurture recover` after `migrate`.",
        )


def _bind_key(db: Connection, keys: Keys) -> None:
    """Record the key of a database that does not know its own, unless it is clearly another one."""
    if not bind_key(db, keys):
        verify_key(db, keys)
        return
    contacts, foreign = count_contacts(db), strangers(db, keys)
    if foreign * 2 > contacts:
        raise Refused(
            f"{foreign:,} of {contacts:,} contacts were not hashed with this {KEY_FILE}; nothing was changed.",
            f"Restore the {KEY_FILE} that belongs to this database, then run `nurture migrate` again.",
        )
