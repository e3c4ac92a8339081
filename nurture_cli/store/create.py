"""Makes databases: a project's, and scratch ones that nobody else sees."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from nurture_cli.errors import Refused
from nurture_cli.keys import Keys
from nurture_cli.store import migrations
from nurture_cli.store.database import WAIT, Connection, connect, transaction, translated
from nurture_cli.store.host import host_fingerprint, place_of
from nurture_cli.store.locks import beside, write_lock
from nurture_cli.store.private import create_private, sync_directory
from nurture_cli.store.queries import queries
from nurture_cli.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, statements


def create(path: Path, now: int, keys: Keys) -> None:
    """Make a new, empty database that knows its key; raises Refused when something is in its place."""
    place = place_of(path)
    with translated(path), write_lock(path, WAIT):
        log = path.with_name(path.name + "-wal")
        for old in (path, log):
            if old.is_symlink() or (old.exists() and (old is path or old.stat().st_size)):
                raise Refused(
                    f"{old} exists already; nothing was changed.", "To begin anew all the same, move it away first."
                )
        new = beside(path, ".new")
        for rest in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm"), log):
            rest.unlink(missing_ok=True)
        os.close(create_private(new))
        db = connect(f"{new.as_uri()}?mode=rw", None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            with transaction(db):
                migrations.apply(db)
                _identify(db, place, now, keys)
        finally:
            db.close()
        new.rename(path)
        sync_directory(path.parent)


def scratch(now: int) -> Connection:
    """An empty database of today's schema that vanishes when it is closed; it uses the disk when it grows."""
    with translated(None):
        db = connect("", None)
        db.execute("PRAGMA journal_mode = MEMORY")
        db.execute("PRAGMA synchronous = OFF")
        with transaction(db):
            for migration in MIGRATIONS:
                for statement in statements(migration):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            _identify(db, "", now, None)
        db.execute("PRAGMA foreign_keys = ON")
        return db


def _identify(db: Connection, place: str, now: int, keys: Keys | None) -> None:
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(
        queries("instance")["insert"],
        {
            "id": secrets.token_hex(16),
            "now": now,
            "host": host_fingerprint() if place else "",  # a scratch database is nowhere
            "path": place,
            "fingerprint": keys.fingerprint if keys else None,
        },
    )
