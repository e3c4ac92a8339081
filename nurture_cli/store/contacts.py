"""Contacts: rows of the store as values, and the ways in which one contact changes.

Call the functions that change something inside `writing`. They return whether they changed anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nurture_cli.address import normalise
from nurture_cli.errors import WrongUsage
from nurture_cli.keys import Keys
from nurture_cli.records import Contact, Value
from nurture_cli.store.fields import dump_fields
from nurture_cli.store.queries import queries
from nurture_cli.store.suppressions import suppress, suppression_of

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

TEXT_FIELDS = (
    "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source", "zone",
    "zone_given",
)  # fmt: skip
CONSENTS = ("withdrawn", "unknown", "implied", "express")  # from the least to the most
_CHUNK = 1000
_SQL = queries("contacts")


def find_contact(db: Connection, keys: Keys, address: str) -> Contact | None:
    """The contact with this address, in any spelling; raises WrongUsage for text that is not an address."""
    return contact_by_hash(db, hash_of(keys, address))


def contact_by_hash(db: Connection, address_hash: bytes) -> Contact | None:
    """The contact with this address hash."""
    found = db.execute(_SQL["by_hash"], (address_hash,)).fetchone()
    return None if found is None else load_contacts(db, found)[found[0]]


def hash_of(keys: Keys, address: str) -> bytes:
    """The keyed hash of an address in any spelling; raises WrongUsage for text that is not an address."""
    try:
        return keys.address_hash(normalise(address).key)
    except ValueError as error:
        raise WrongUsage(f"`{address[:80]}` is not an email address. {error}") from None


def address_hash_of(db: Connection, contact_id: int) -> bytes | None:
    """The address hash of the contact with this id, or None when there is none."""
    row = db.execute(_SQL["hash_by_id"], (contact_id,)).fetchone()
    return None if row is None else row[0]


def email_of(db: Connection, address_hash: bytes) -> str | None:
    """The address of the contact with this address hash, or None when there is none."""
    row = db.execute(_SQL["email_by_hash"], (address_hash,)).fetchone()
    return None if row is None else row[0]


def load_contacts(db: Connection, ids: Iterable[int]) -> dict[int, Contact]:
    """The contacts with these ids, in the order of the ids; unknown ids are left out."""
    found: dict[int, Contact] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        chunk = {"ids": json.dumps(wanted[start : start + _CHUNK])}
        tags: dict[int, set[str]] = {}
        for contact, tag in db.execute(_SQL["tags_by_ids"], chunk):
            tags.setdefault(contact, set()).add(tag)
        for row in db.execute(_SQL["by_ids"], chunk):
            contact = _contact(row)
            found[contact.id] = replace(contact, tags=frozenset(tags[contact.id])) if contact.id in tags else contact
    return found


def iterate_contacts(db: Connection) -> Iterator[Contact]:
    """All contacts in the order of their ids, a thousand in memory at a time."""
    after = 0
    while ids := [row[0] for row in db.execute(_SQL["next_ids"], {"after": after, "count": _CHUNK})]:
        yield from load_contacts(db, ids).values()
        after = ids[-1]


def _contact(row: tuple[Any, ...]) -> Contact:
    (
        id, email, address_hash, stage, stage_at, first_name, last_name, company, job_title, role, phone, country,
        language, source, zone, zone_given, consent, consent_basis, consent_source, consent_at, consent_until, fields,
        created_at, updated_at, furthest_stage, suppressed,
    ) = row  # fmt: skip
    return Contact(
        id, email, address_hash, stage, stage_at, first_name, last_name, company, job_title, role, phone, country,
        language, source, zone, zone_given, consent, consent_basis, consent_source, consent_at, consent_until,
        json.loads(fields) if fields != "{}" else {}, frozenset(), created_at, updated_at, furthest_stage, suppressed,
    )  # fmt: skip


def count_contacts(db: Connection) -> int:
    """How many contacts there are."""
    count: int = db.execute(_SQL["count"]).fetchone()[0]
    return count


def count_by_stage(db: Connection) -> dict[str, int]:
    """How many contacts stand in each stage."""
    return dict(db.execute(_SQL["count_by_stage"]))


def count_by_tag(db: Connection) -> dict[str, int]:
    """How many contacts carry each tag."""
    return dict(db.execute(_SQL["tags"]))


def stage_moves(db: Connection, contact_id: int) -> list[tuple[str, str, int, str]]:
    """How a contact went through the stages: from, to, when, why; oldest first."""
    return db.execute(_SQL["stage_moves"], (contact_id,)).fetchall()


def add_contact(db: Connection, keys: Keys, address: str, *, stage: str, now: int) -> int:
    """Add a contact and return its id; raises WrongUsage when the address is none, or is there already."""
    address_hash = hash_of(keys, address)
    known = normalise(address)
    if db.execute(_SQL["by_address"], (known.key,)).fetchone() is not None:
        raise WrongUsage("There is a contact with this address already.")
    row = {"email": known.email, "address_hash": address_hash, "stage": stage, "now": now}
    return db.execute(_SQL["insert"], row).lastrowid or 0


def set_fields(db: Connection, contact: Contact, changes: Mapping[str, Value | None], now: int) -> bool:
    """Write text fields and custom fields; None clears one."""
    facts = {name: changes.get(name, getattr(contact, name)) for name in TEXT_FIELDS}
    custom = dict(contact.fields) | {name: value for name, value in changes.items() if name not in TEXT_FIELDS}
    custom = {name: value for name, value in custom.items() if value is not None}
    if custom == contact.fields and all(facts[name] == getattr(contact, name) for name in TEXT_FIELDS):
        return False
    db.execute(_SQL["change"], facts | {"fields": dump_fields(custom), "now": now, "id": contact.id})
    return True


def set_address(db: Connection, keys: Keys, contact: Contact, address: str, now: int) -> bool:
    """Give a contact another address; raises WrongUsage when it is taken.

    A contact who left under the old address stays out under the new one; only a bounce is about the address alone.
    """
    address_hash, new = hash_of(keys, address), normalise(address)
    email = new.email
    holder = db.execute(_SQL["by_address"], (new.key,)).fetchone()
    if holder is not None and holder[0] != contact.id:
        raise WrongUsage("Another contact has this address.")
    if email == contact.email:
        return False
    db.execute(_SQL["change_address"], {"email": email, "address_hash": address_hash, "now": now, "id": contact.id})
    held = suppression_of(db, contact.address_hash)
    if held is not None and held.reason != "hard-bounce":
        suppress(db, address_hash, reason=held.reason, source=f"earlier address: {held.source}", at=now)
    return True


def set_stage(
    db: Connection,
    contact: Contact,
    stage: str,
    *,
    stages: Sequence[str],
    cause: str,
    now: int,
    reason: str = "",
    version: str = "",
) -> bool:
    """Put a contact into a stage, forward or back, and record why, and the furthest one; `stages` is their order."""
    if stage == contact.stage:
        return False
    rank = {name: place for place, name in enumerate(stages)}
    before = contact.furthest_stage or contact.stage
    furthest = "" if rank.get(stage, -1) >= rank.get(before, -1) else before
    move = {
        "id": contact.id, "before": contact.stage, "stage": stage, "cause": cause, "now": now, "reason": reason,
        "version": version,
    }  # fmt: skip
    db.execute(_SQL["change_stage"], {"id": contact.id, "stage": stage, "furthest": furthest, "now": now})
    db.execute(_SQL["record_stage_move"], move)
    return True


def set_consent(
    db: Connection,
    contact: Contact,
    consent: str,
    *,
    basis: str | None,
    source: str | None,
    at: int | None,
    until: int | None,
    now: int,
) -> bool:
    """Record what a contact agreed to: on which basis, where, when, and until when."""
    new = (consent, basis, source, at, until)
    old = (
        contact.consent, contact.consent_basis, contact.consent_source, contact.consent_at, contact.consent_until,
    )  # fmt: skip
    if new == old:
        return False
    row = {"consent": consent, "basis": basis, "source": source, "at": at, "until": until}
    db.execute(_SQL["change_consent"], row | {"now": now, "id": contact.id})
    return True


def add_tag(db: Connection, contact_id: int, tag: str) -> bool:
    """Put a tag on a contact."""
    return db.execute(_SQL["add_tag"], {"id": contact_id, "tag": tag}).rowcount == 1


def remove_tag(db: Connection, contact_id: int, tag: str) -> bool:
    """Take a tag off a contact."""
    return db.execute(_SQL["remove_tag"], {"id": contact_id, "tag": tag}).rowcount == 1
