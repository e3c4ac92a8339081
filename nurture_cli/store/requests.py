"""Requests: assets that contacts asked for, outside of their campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("events")


@dataclass(frozen=True, slots=True)
class Request:
    """One asset that one contact asked for; `state` is open, sent, received (before) or refused."""

    id: int
    event_id: int
    contact_id: int
    asset: str
    requested_at: int
    state: str
    closed_at: int | None
    closed_why: str | None
    wake_at: int | None
    held_reason: str | None
    held_since: int | None
    held_until: int | None


def count_open_requests(db: Connection) -> int:
    """How many requests are not answered yet."""
    count: int = db.execute(_SQL["count_open_requests"]).fetchone()[0]
    return count


def requests_of(db: Connection, contact_id: int) -> list[Request]:
    """The requests of a contact, oldest first."""
    return [Request(*row) for row in db.execute(_SQL["requests_of_contact"], (contact_id,))]
