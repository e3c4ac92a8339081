"""The funnel in numbers: how many contacts are with Sales or at rest, and what the radar noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("funnel")


def count_with_sales(db: Connection) -> dict[str, int]:
    """How many contacts are with Sales, by the state of their hand-off."""
    return dict(db.execute(_SQL["with_sales"]))


def count_at_rest(db: Connection) -> int:
    """How many contacts Sales returned who are still at rest."""
    count: int = db.execute(_SQL["at_rest"]).fetchone()[0]
    return count


def count_alerts(db: Connection, *, since: int) -> dict[str, int]:
    """How often the radar noticed each signal after an instant."""
    return dict(db.execute(_SQL["alerts"], (since,)))
