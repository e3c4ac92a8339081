"""Events: what contacts did. Events are only added, and the same event counts once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nurture_cli.records import Event, Value
from nurture_cli.store.fields import dump_fields
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

REQUESTED = "requested"
_SQL = queries("events")


def event_key(address_hash: bytes, kind: str, asset: str, at: int, properties: str) -> str:
    """The key of an event that came without an id: a hash of everything in it."""
    parts = (address_hash.hex(), kind, asset, str(at), properties)
    return "hash/" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def given_key(source: str, id: str) -> str:
    """The key of an event that has an id in the system it came from."""
    return f"{source}/{id}"


def add_event(
    db: Connection,
    *,
    contact_id: int,
    kind: str,
    at: int,
    now: int,
    source: str,
    key: str,
    asset: str = "",
    machine: bool = False,
    properties: Mapping[str, Value] | None = None,
) -> bool:
    """Add an event, inside `writing`; false when there is one with this key.

    A `requested` event about an asset also opens a request (a trigger does).
    """
    row = {
        "contact_id": contact_id, "kind": kind, "asset": asset, "at": at, "now": now, "source": source, "key": key,
        "machine": int(machine), "properties": dump_fields(properties or {}),
    }  # fmt: skip
    return db.execute(_SQL["insert"], row).rowcount == 1


def add_request(db: Connection, *, contact_id: int, asset: str, at: int, now: int, source: str, key: str) -> int:
    """Record that a contact asked for an asset, inside `writing`; returns the id of the request."""
    add_event(db, contact_id=contact_id, kind=REQUESTED, asset=asset, at=at, now=now, source=source, key=key)
    request: int = db.execute(_SQL["request_of_event"], (key,)).fetchone()[0]
    return request


def events_of(db: Connection, contact_id: int) -> list[Event]:
    """What a contact did, oldest first."""
    return [
        Event(id, contact, kind, asset, at, source, bool(machine), json.loads(properties))
        for id, contact, kind, asset, at, source, machine, properties in db.execute(
            _SQL["of_contact"], {"id": contact_id}
        )
    ]


def count_events(db: Connection) -> int:
    """How many events there are."""
    count: int = db.execute(_SQL["count"]).fetchone()[0]
    return count
