"""The funnel in numbers: who is with Sales, who is at rest, what the radar told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("funnel")


def count_with_sales(db: Connection) -> dict[str, int]:
    """How many contacts are in the hands of Sales, by the state of their hand-off."""
    return dict(db.execute(_SQL["with_sales"]))


def count_at_rest(db: Connection) -> int:
    """How many contacts were given back and are left in peace."""
    count: int = db.execute(_SQL["at_rest"]).fetchone()[0]
    return count


def count_alerts(db: Connection, *, since: int) -> dict[str, int]:
    """How often the radar told each signal after an instant."""
    return dict(db.execute(_SQL["alerts"], (since,)))
