"""Takes in many suppressions at once: their rows wait aside, then are merged into the store in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries
from nurture_cli.store.waiting import aside, waiting

# row, address hash, reason, source, at
SuppressionRow = tuple[int, bytes, str, str, int]

_PORTION = 1000
_SQL = queries("incoming_suppressions")
TABLES = (_SQL["make_suppressions"], _SQL["make_stronger"])


@dataclass(frozen=True, slots=True)
class MergedSuppressions:
    """What a merge did: the rows named `new + stronger + same` addresses."""

    new: int  # were not suppressed before
    stronger: int  # were suppressed for a weaker reason
    same: int
    contacts: int  # of the new ones, how many are contacts


def suppressions_waiting(db: Connection) -> AbstractContextManager[None]:
    """Temporary tables for the rows of a file of suppressions; call outside of a transaction."""
    return waiting(db, TABLES)


def lay_down_suppressions(db: Connection, rows: Iterable[SuppressionRow]) -> None:
    """Let rows of a file of suppressions wait."""
    left = iter(rows)
    with aside(db):
        while portion := list(islice(left, _PORTION)):
            db.executemany(_SQL["add"], portion)


def merge_suppressions(db: Connection, now: int) -> MergedSuppressions:
    """Suppress the addresses that wait, inside `writing`; a stronger reason replaces a weaker one."""
    addresses: int = db.execute(_SQL["count_addresses"]).fetchone()[0]
    db.execute(_SQL["find_stronger"])
    db.execute(_SQL["replace_weaker"], {"now": now})
    db.execute(_SQL["suppress"])
    new, stronger = db.execute(_SQL["count_new"]).fetchone()
    contacts = db.execute(_SQL["count_contacts"]).fetchone()[0]
    return MergedSuppressions(new, stronger, addresses - new - stronger, contacts)
