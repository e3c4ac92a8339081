"""Touches, for reading: what was sent, what failed, what is in doubt. Only a run writes them (see `ledger.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

STATES = ("planned", "claimed", "committing", "sent", "failed", "skipped", "unknown")
_SQL = queries("touches")


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing from us to a contact, as the ledger has it; `campaign` and `step` are empty for a request."""

    id: int
    key: str
    contact_id: int
    email: str
    campaign: str
    step: str
    asset: str
    family: str
    channel: str
    reaches_contact: bool
    state: str
    reason: str
    at: int
    due_at: int
    attempts: int
    next_try_at: int | None
    message_id: str
    run_id: int
    code: int | None
    reply: str | None


def list_touches(
    db: Connection,
    *,
    state: str | None = None,
    contact_id: int | None = None,
    campaign: str | None = None,
    run_id: int | None = None,
    most: int = -1,
) -> Iterator[Touch]:
    """Touches that pass every filter that is given, newest change first, at most `most` (-1: all)."""
    row = {"state": state, "contact_id": contact_id, "campaign": campaign, "run_id": run_id, "most": most}
    return map(_touch, db.execute(_SQL["list"], row))


def find_touch(db: Connection, key: str) -> Touch | None:
    """The touch with a key."""
    row = db.execute(_SQL["by_key"], (key,)).fetchone()
    return None if row is None else _touch(row)


def count_touches(db: Connection) -> dict[str, int]:
    """How many touches are in each state that occurs."""
    return dict(db.execute(_SQL["count_by_state"]))


def count_failed_waiting(db: Connection) -> int:
    """How many failed touches are waited for: by a contact at the step, by one who asked, or by Sales."""
    count: int = db.execute(_SQL["count_failed_waiting"]).fetchone()[0]
    return count


def _touch(row: tuple[Any, ...]) -> Touch:
    return Touch(*(*row[:9], bool(row[9]), *row[10:]))
