"""Which contact referred which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nurture_cli.errors import OutOfPlace, WrongUsage
from nurture_cli.store.events import add_event, event_key
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection

REFERRED = "referred"
_SQL = queries("referrals")


def refer(db: Connection, contact: Contact, referrer: Contact, *, now: int, source: str) -> bool:
    """Record that one contact brought another, inside `writing`, also as an event of the referrer; false when known.

    Raises WrongUsage if both are the same contact, OutOfPlace if it contradicts what is recorded.
    """
    if contact.id == referrer.id:
        raise WrongUsage("A contact can't refer themselves.", "Name two different contacts.")
    known = db.execute(_SQL["referrer_of"], (contact.id,)).fetchone()
    if known is not None and known[0] == referrer.id:
        return False
    if known is not None:
        raise OutOfPlace(
            f"{contact.email} was referred by {known[1]}.", "The first referral counts; nothing was changed."
        )
    if db.execute(_SQL["brought"], {"contact": referrer.id, "referrer": contact.id}).fetchone()[0]:
        raise OutOfPlace(f"{contact.email} referred {referrer.email}, so it cannot be the other way round.")
    db.execute(_SQL["refer"], {"contact": contact.id, "referrer": referrer.id, "now": now})
    key = event_key(
        referrer.address_hash, REFERRED, "", 0, contact.address_hash.hex()
    )  # recorded twice, it counts once
    add_event(db, contact_id=referrer.id, kind=REFERRED, at=now, now=now, source=source, key=key)
    return True
