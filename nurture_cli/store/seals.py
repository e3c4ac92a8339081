"""Seals: a digest for each row that decides whether, to whom and what is sent, so that a flipped bit is noticed.

Runs seal contacts at their end, so that an import of a million costs no more. A trigger breaks the seal of a contact
that is written, by other programs too. A run seals an enrollment when it has decided where it is; the statement that
records a send breaks that seal. A standing is sealed when it is written. A row without a seal is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

AT_A_TIME = 50_000  # contacts that are sealed in one transaction
_FINE = 1 << 20  # digests take a fraction in steps of 1 / _FINE: a text of it would differ between versions of SQLite


def _digest(columns: Sequence[str]) -> str:
    return f"crc32(CAST(printf('{'%Q,' * len(columns)}', {', '.join(columns)}) AS BLOB))"


# The hash of the address is left out: an index has it a second time, and it belongs to the address.
CONTACT = _digest([
    "c.id", "c.email", "c.stage", "c.stage_at", "c.furthest_stage", "c.consent", "c.consent_basis", "c.consent_source",
    "c.consent_at", "c.consent_until", "c.zone", "c.zone_given", "c.fields", "c.first_name", "c.last_name", "c.company",
    "c.job_title", "c.role", "c.phone", "c.country", "c.language", "c.source", "c.created_at", "c.updated_at",
])  # fmt: skip
# Whose and which passage it is, and when it wakes up, indexes have a second time.
ENROLLMENT = _digest([
    "entered_at", "ended_at", "end_reason", "state", "sequence", "step", "step_done", "hop", "items_sent", "arrived_at",
    "anchor_at", "due_at", "held_reason", "held_since", "held_until",
])  # fmt: skip
STANDING = _digest([
    "contact_id", "fit", "fit_why", f"CAST(heat * {_FINE} AS INTEGER)", "responses", "company",
    f"CAST(weight * {_FINE} AS INTEGER)",
])  # fmt: skip

_SEAL_NEW = f"""
INSERT INTO contact_seal (contact_id, digest)
SELECT c.id, {CONTACT} FROM contact c
WHERE c.id > (SELECT coalesce(max(contact_id), 0) FROM contact_seal) ORDER BY c.id LIMIT ?
"""
_SEAL_AGAIN = f"""
UPDATE contact_seal SET digest = (SELECT {CONTACT} FROM contact c WHERE c.id = contact_id)
WHERE contact_id IN (SELECT contact_id FROM contact_seal WHERE digest IS NULL LIMIT ?)
"""
_SEAL_PLACES = f"UPDATE main.enrollment SET digest = {ENROLLMENT} WHERE digest = 0"
_BROKEN = f"""
SELECT s.contact_id FROM contact_seal s LEFT JOIN contact c ON c.id = s.contact_id
WHERE s.digest IS NOT NULL AND (c.id IS NULL OR s.digest <> {CONTACT})
"""
_BROKEN_PLACES = f"SELECT id FROM main.enrollment WHERE digest <> 0 AND digest <> {ENROLLMENT}"
_BROKEN_STANDINGS = f"SELECT contact_id FROM standing WHERE digest <> {STANDING}"


def seal_contacts(db: Connection) -> int:
    """Seal, inside `writing`, some of the contacts that have no seal; returns how many, 0 when all have one."""
    return sum(db.execute(statement, (AT_A_TIME,)).rowcount for statement in (_SEAL_NEW, _SEAL_AGAIN))


def seal_places(db: Connection, enrollments: str) -> None:
    """Seal, inside `writing`, the enrollments without a seal that a query finds by id."""
    db.execute(f"{_SEAL_PLACES} AND id IN ({enrollments})")


def seal_everything(db: Connection) -> None:
    """Seal, inside `writing`, the rows of a database that is older than seals, whatever they hold."""
    while seal_contacts(db):
        pass
    db.execute(f"UPDATE enrollment SET digest = {ENROLLMENT}")
    db.execute(f"UPDATE standing SET digest = {STANDING}")


def broken_contacts(db: Connection, among: str | None = None, *bound: str) -> Iterator[int]:
    """The contacts that are not as they were sealed, or that are gone; of all, or of those that a query finds by id."""
    return _ids(db, _BROKEN if among is None else f"{_BROKEN} AND s.contact_id IN ({among})", bound)


def broken_places(db: Connection, enrollments: str | None = None) -> Iterator[int]:
    """The enrollments that are not as they were sealed; of all, or of those that a query finds by id."""
    return _ids(db, _BROKEN_PLACES if enrollments is None else f"{_BROKEN_PLACES} AND id IN ({enrollments})")


def broken_standings(db: Connection) -> Iterator[int]:
    """The contacts whose standing is not as it was sealed."""
    return _ids(db, _BROKEN_STANDINGS)


def _ids(db: Connection, query: str, values: tuple[str, ...] = ()) -> Iterator[int]:
    return (row[0] for row in db.execute(query, values))
