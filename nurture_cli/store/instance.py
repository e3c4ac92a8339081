"""Which machine and place a database belongs to, so that a copy of it never sends by itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nurture_cli.errors import Refused
from nurture_cli.keys import KEY_FILE, Keys
from nurture_cli.plural import how_many
from nurture_cli.store.database import Connection
from nurture_cli.store.host import host_fingerprint, place_of
from nurture_cli.store.queries import queries
from nurture_cli.store.runs import doubt_notes

CLOCK_TOLERANCE = 300  # seconds that a clock may be set back
_ADOPT = "If only this copy should send from now on, run `nurture adopt`."


@dataclass(frozen=True, slots=True)
class Instance:
    """The one row that identifies a database."""

    id: str
    created_at: int
    host: str
    path: str
    last_run_at: int | None
    journal_size: int
    contact_cursor: int


def read_instance(db: Connection) -> Instance:
    """The identity of the database; refuses one that lost it."""
    row = db.execute(queries("instance")["get"]).fetchone()
    if row is None:
        raise Refused("The database has lost its identity (the row of `instance`).", "Restore a backup.")
    return Instance(*row)


def verify_instance(db: Connection, path: Path, now: int) -> Instance:
    """The identity of the database; refuses a copy on another machine or in another place, and a clock set back."""
    found = read_instance(db)
    if found.host != host_fingerprint():
        raise Refused(
            "This database was made on another machine; if the original is still in use, both would send.",
            _ADOPT,
        )
    place = place_of(path)
    if found.path != place:
        raise Refused(
            f"This database was made at {found.path} and is now at {place}; if it is a copy, both would send.",
            _ADOPT,
        )
    if found.last_run_at is not None and now < found.last_run_at - CLOCK_TOLERANCE:
        raise Refused(
            f"This computer's clock says {_on_the_clock(now)}, but the last run was {_on_the_clock(found.last_run_at)} "
            f"({_length(found.last_run_at - now)} later), so waits and limits would be wrong.",
            "Correct the clock. If the clock was wrong at the last run and is right now, run `nurture adopt`.",
        )
    return found


def _on_the_clock(instant: int) -> str:
    """An instant as the computer's own clock shows it, such as `Fri 27 Nov 2026 10:00 +01:00`."""
    shown = datetime.fromtimestamp(instant, UTC).astimezone()
    return f"{shown:%a %d %b %Y %H:%M} {shown.isoformat()[19:]}"


def _length(seconds: int) -> str:
    """A length of time in the unit that people use for it."""
    if seconds < 2 * 3600:
        return how_many(seconds // 60, "minute")
    if seconds < 3 * 86400:
        return how_many(seconds // 3600, "hour")
    return how_many(seconds // 86400, "day")


def verify_key(db: Connection, keys: Keys) -> None:
    """Raise Refused for another database's key file: it would recognise no address, suppression or link."""
    if db.path is not None and _fingerprint(db) != keys.fingerprint:
        raise Refused(
            f"{KEY_FILE} is not the key of this database: it belongs to another project, or is a new one.",
            f"Restore the {KEY_FILE} that was beside the database; `nurture backup` keeps a copy as *.key. "
            "With another key, contacts would be written to twice, and so would people who unsubscribed.",
        )


def bind_key(db: Connection, keys: Keys) -> bool:
    """Record, inside `writing`, the key file of a database that does not know its own; false when it does."""
    return db.execute(queries("instance")["bind_key"], {"fingerprint": keys.fingerprint}).rowcount == 1


def _fingerprint(db: Connection) -> bytes | None:
    row = db.execute(queries("instance")["key"]).fetchone()
    return row[0] if row else None


def renew(db: Connection) -> str:
    """Give the database another id, inside `writing`, and return it: no send journal that is there belongs to it."""
    id: str = db.execute(queries("instance")["renew"], {"id": secrets.token_hex(16)}).fetchone()[0]
    return id


def adopt(db: Connection, path: Path, now: int) -> None:
    """Make this machine, place and clock the database's own; call inside `writing`."""
    doubt_notes(db)
    db.execute(queries("instance")["adopt"], {"host": host_fingerprint(), "path": place_of(path), "now": now})


def record_settled(db: Connection, files: str | None, room_at: int = 0) -> None:
    """Record, inside `writing`, with which fingerprint a run left nothing undone; None: everybody must be looked at.

    `room_at`: until then, nobody who waits behind the limit of a channel can go out by time alone.
    """
    db.execute(queries("instance")["settle"], {"files": files, "room_at": room_at})


def is_idle(db: Connection, *, files: str, journal_size: int, now: int) -> bool:
    """Whether there is nothing for a run to look at; reads indexes alone, so a long list takes no longer."""
    row = db.execute(queries("instance")["is_idle"], {"files": files, "journal": journal_size, "now": now}).fetchone()
    return bool(row and row[0])
