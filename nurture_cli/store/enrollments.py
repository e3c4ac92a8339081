"""Enrollments, for reading: how many contacts are where. Only a run writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("enrollments")


def count_enrollments(db: Connection) -> dict[str, dict[str, int]]:
    """Campaign -> state -> how many contacts; held ones by their reason, as `held: cap`."""
    counts: dict[str, dict[str, int]] = {}
    for campaign, state, reason, count in db.execute(_SQL["count_by_state"]):
        counts.setdefault(campaign, {})[f"{state}: {reason}" if reason else state] = count
    return counts


def count_in_missing_campaigns(db: Connection, campaigns: Iterable[str]) -> dict[str, int]:
    """Campaign -> how many contacts are in it, of those that are not among `campaigns`."""
    return dict(db.execute(_SQL["count_elsewhere"], (json.dumps(sorted(campaigns)),)).fetchall())


def count_ended(db: Connection) -> dict[str, dict[str, int]]:
    """Campaign -> how it ended -> how many passages."""
    counts: dict[str, dict[str, int]] = {}
    for campaign, reason, count in db.execute(_SQL["count_ended"]):
        counts.setdefault(campaign, {})[reason] = count
    return counts
