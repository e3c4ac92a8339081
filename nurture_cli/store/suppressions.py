"""Suppressions: addresses that are never written to, known by their hash alone, so that they outlive the contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurture_cli.store.events import add_event, event_key
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.records import Value
    from nurture_cli.store.database import Connection

# From the weakest to the strongest: a stronger one replaces a weaker one, so that lifting a bounce never forgets
# that the person had unsubscribed as well.
REASONS = ("hard-bounce", "manual", "unsubscribed", "complaint", "erased")
GUARDED = frozenset(REASONS) - {"manual"}  # what contacts or their servers said, and nobody else may take back
_SQL = queries("suppressions")
_BY_EVENT = {"unsubscribed": "unsubscribed", "complained": "complaint"}


def suppressing(kind: str, properties: Mapping[str, Value]) -> str | None:
    """For which reason an event suppresses its address, as the trigger `suppressed_by_event` does for contacts."""
    if kind == "bounced" and properties.get("bounce") == "hard":
        return "hard-bounce"
    return _BY_EVENT.get(kind)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why, since when and by which source an address is never written to; `email` is None without a contact."""

    id: int
    address_hash: bytes
    reason: str
    source: str
    at: int
    lifted_at: int | None = None
    lifted_why: str | None = None
    contact_id: int | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedSuppressions:
    """The suppressions in force that one import made, known by their source and instant; counted by reason."""

    source: str
    at: int
    by_reason: Mapping[str, int]


def import_source(file: str) -> str:
    """The source of suppressions that come from a file of this name."""
    return f"import {file}"


def is_stronger(reason: str, held: str) -> bool:
    """Whether a reason replaces the one that holds."""
    return REASONS.index(reason) > REASONS.index(held)


def suppression_of(db: Connection, address_hash: bytes) -> Suppression | None:
    """The suppression of an address that holds now."""
    row = db.execute(_SQL["in_force"], (address_hash,)).fetchone()
    return None if row is None else Suppression(*row)


def is_suppressed(db: Connection, address_hash: bytes) -> bool:
    """Whether an address must not be written to."""
    return suppression_of(db, address_hash) is not None


def suppress(db: Connection, address_hash: bytes, *, reason: str, source: str, at: int) -> bool:
    """Never write to an address again, inside `writing`; false when it is suppressed already for as strong a reason."""
    held = suppression_of(db, address_hash)
    if held is not None:
        if not is_stronger(reason, held.reason):
            return False
        db.execute(_SQL["lift"], {"address_hash": address_hash, "at": at, "why": f"replaced by: {reason}"})
    db.execute(_SQL["insert"], {"address_hash": address_hash, "reason": reason, "source": source, "at": at})
    return True


def unsubscribe(db: Connection, address_hash: bytes, *, source: str, at: int) -> bool:
    """Keep, inside `writing`, that the owner of an address unsubscribed, as an event too where it is a contact's.

    False when it is suppressed already for as strong a reason.
    """
    if not suppress(db, address_hash, reason="unsubscribed", source=source, at=at):
        return False
    held = suppression_of(db, address_hash)
    if held is not None and held.contact_id is not None:
        key = event_key(address_hash, "unsubscribed", "", at, "{}")
        add_event(db, contact_id=held.contact_id, kind="unsubscribed", at=at, now=at, source=source, key=key)
    return True


def lift(db: Connection, address_hash: bytes, *, why: str, at: int) -> bool:
    """Allow writing to an address again, inside `writing`; false when it was not suppressed."""
    return db.execute(_SQL["lift"], {"address_hash": address_hash, "why": why, "at": at}).rowcount == 1


def imported_suppressions(db: Connection, file: str) -> ImportedSuppressions | None:
    """What the last import of a file with this name suppressed, as far as it is still in force."""
    source = import_source(file)
    (at,) = db.execute(_SQL["last_import"], {"source": source}).fetchone()
    if at is None:
        return None
    return ImportedSuppressions(source, at, dict(db.execute(_SQL["count_imported"], {"source": source, "at": at})))


def take_back_import(db: Connection, imported: ImportedSuppressions, *, why: str, at: int) -> int:
    """Lift, inside `writing`, what an import suppressed; returns how many weaker reasons before it hold again."""
    names = {"source": imported.source, "at": imported.at, "why": why, "now": at}
    db.execute(_SQL["lift_imported"], names)
    return db.execute(_SQL["restore"], names).rowcount


def bounce_source(said: str, key: str) -> str:
    """The source of a suppression that comes from what the other side said of an address; see `take_back_run`."""
    return f"{said[:200]} (touch {key})"


def take_back_run(db: Connection, run_id: int, *, why: str, at: int) -> int:
    """Lift, inside `writing`, what one run suppressed because addresses were refused; returns how many that were."""
    return db.execute(_SQL["lift_of_run"], {"run": run_id, "why": why, "now": at}).rowcount


def any_imported(db: Connection) -> bool:
    """Whether any suppression ever came from a file."""
    return bool(db.execute(_SQL["any_imported"]).fetchone()[0])


def list_suppressions(db: Connection) -> Iterator[Suppression]:
    """All suppressions in force, oldest first."""
    return (Suppression(*row) for row in db.execute(_SQL["list"]))


def suppression_history(db: Connection, address_hash: bytes) -> list[Suppression]:
    """Every suppression of an address, lifted ones too, oldest first."""
    return [Suppression(*row) for row in db.execute(_SQL["history"], (address_hash,))]


def count_suppressions(db: Connection) -> dict[str, int]:
    """How many suppressions are in force for each reason."""
    return dict(db.execute(_SQL["count"]))


def count_suppressed_contacts(db: Connection) -> int:
    """How many contacts are suppressed."""
    count: int = db.execute(_SQL["count_contacts"]).fetchone()[0]
    return count
