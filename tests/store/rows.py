"""Rows written by raw SQL, so that the schema is tested and not the functions above it."""

from __future__ import annotations

from typing import Any

from nurture_cli.store.database import Connection
from tests.conftest import A_TUESDAY_MORNING as AT


def insert(db: Connection, table: str, **row: Any) -> int:
    """One row, with exactly these columns; returns its id."""
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    return db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row).lastrowid or 0


def contact(db: Connection, number: int = 1, **row: Any) -> int:
    """Contact `number`."""
    plain = {
        "id": number, "email": f"c{number}@b.example", "address_hash": number.to_bytes(16, "big"), "stage": "early",
        "stage_at": AT, "created_at": AT, "updated_at": AT,
    }  # fmt: skip
    return insert(db, "contact", **plain | row)


def enrollment(db: Connection, **row: Any) -> int:
    """Contact 1 stands at a step of campaign `c`."""
    plain = {
        "contact_id": 1, "campaign": "c", "pass": 1, "entered_at": AT, "state": "moving", "sequence": "early",
        "step": "early/a", "arrived_at": AT, "anchor_at": AT, "digest": 0,
    }  # fmt: skip
    return insert(db, "enrollment", **plain | row)


def event(db: Connection, key: str = "k", **row: Any) -> int:
    """Contact 1 clicked."""
    plain = {"contact_id": 1, "kind": "clicked", "at": AT, "recorded_at": AT, "source": "test", "key": key}
    return insert(db, "event", **plain | row)


def suppression(db: Connection, **row: Any) -> int:
    """Contact 1 is never written to."""
    plain = {"address_hash": (1).to_bytes(16, "big"), "reason": "manual", "source": "test", "at": AT}
    return insert(db, "suppression", **plain | row)


def touch(db: Connection, key: str = "c/1/1/1", **row: Any) -> int:
    """A touch of contact 1 that is claimed."""
    plain = {
        "key": key, "contact_id": 1, "enrollment_id": 1, "campaign": "c", "step": "early/a", "hop": 1, "asset": "a",
        "family": "a", "once_scope": "*", "channel": "mail", "reaches_contact": 1, "state": "claimed", "reason": "due",
        "at": AT, "due_at": AT, "message_id": f"{key}@x", "campaign_hash": "h", "asset_hash": "h", "run_id": 1,
        "digest": 0,
    }  # fmt: skip
    return insert(db, "touch", **plain | row)


def one(db: Connection, query: str, *values: Any) -> Any:
    """The one value that a query finds."""
    return db.execute(query, values).fetchone()[0]
