"""Takes in many events at once: their rows wait aside, then are merged into the store in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

from nurture_cli.store import incoming_suppressions
from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries
from nurture_cli.store.waiting import aside, waiting

# row, address hash, kind, asset, at, source, key, machine, properties as JSON
EventRow = tuple[int, bytes, str, str, int, str, str, int, str]

_PORTION = 1000
_SQL = queries("incoming_events")


@dataclass(frozen=True, slots=True)
class MergedEvents:
    """What a merge did: it took in `new + same` rows."""

    new: int
    same: int
    requests: int  # of the new ones, those that ask for an asset: it goes out next
    suppressions: int  # contacts that are never written to from now on: they unsubscribed, complained or bounced
    strangers: int  # addresses without a contact that are suppressed from now on, for the same reasons

    @property
    def notes(self) -> dict[str, int]:
        """The numbers about some of the rows."""
        return {"requests": self.requests, "suppressions": self.suppressions, "strangers": self.strangers}


def events_waiting(db: Connection) -> AbstractContextManager[None]:
    """Temporary tables for the rows of an events file; call outside of a transaction."""
    return waiting(db, (_SQL["make_events"], *incoming_suppressions.TABLES))


def lay_down_events(db: Connection, rows: Iterable[EventRow]) -> None:
    """Let rows of an events file wait."""
    left = iter(rows)
    with aside(db):
        while portion := list(islice(left, _PORTION)):
            db.executemany(_SQL["add"], portion)


def merge_events(db: Connection, now: int) -> MergedEvents:
    """Take the rows that wait into the store, inside `writing`."""
    db.execute(_SQL["find_strangers"])
    db.execute(_SQL["refuse_unknown"])
    db.execute(_SQL["drop_refused"])
    db.execute(_SQL["index_keys"])
    db.execute(_SQL["refuse_repeated"])
    db.execute(_SQL["drop_refused"])
    db.execute(_SQL["refuse_other"])
    db.execute(_SQL["drop_refused"])
    db.execute(_SQL["forget_strangers"])
    rows = db.execute(_SQL["count"]).fetchone()[0]
    last_request = db.execute(_SQL["last_request"]).fetchone()
    last_suppression = db.execute(_SQL["last_suppression"]).fetchone()
    new = db.execute(_SQL["insert_new"], {"now": now}).rowcount
    requests = db.execute(_SQL["count_requests"], last_request).fetchone()[0]
    suppressions = db.execute(_SQL["count_suppressions"], last_suppression).fetchone()[0]
    merged = incoming_suppressions.merge_suppressions(db, now)
    strangers = merged.new + merged.stronger
    new += strangers
    return MergedEvents(new, rows - new, requests, suppressions, strangers)
