"""What becomes of a touch that the send journal knows and the database has forgotten: it is a touch in doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nurture_cli.store import ledger
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection
    from nurture_cli.store.journal_lines import TouchLine

_APART = re.compile(r"(recalled/)+(?=\D)")  # before a key that is not its own; a campaign may have that name, too

REASON = "known from the send journal alone"

_SQL = queries("ledger")


def park(db: Connection, seen: TouchLine, now: int) -> bool | None:
    """Park one touch as in doubt; false when the ledger knows it, None when the contact is not in the database."""
    found = db.execute(_SQL["contact_of"], (bytes.fromhex(seen.contact),)).fetchone()
    if found is None:
        return None
    return _park_for(db, seen, found[0], now)


def _park_for(db: Connection, seen: TouchLine, contact_id: int, now: int) -> bool:
    from nurture_cli.store.database import IntegrityError

    place, _, number = _APART.sub("", seen.key).rpartition("/")
    is_brief = place.startswith("handoff/") and place.count("/") == 1  # a campaign may have that name, too
    known = ledger.find_entry(db, seen.key)
    if known is not None and known.contact_id == contact_id and ledger.remembers(known, seen.run_id):
        return False
    enrollment_id = request_id = handoff_id = None
    if place == "request":
        request_id = _request(db, seen, int(number), contact_id, now)
        mine = request_id == int(number)
    else:
        mine = int(place.rpartition("/")[2]) == contact_id
    # After a new import the same contact may have another number, and the key with that number is another contact's.
    apart = _APART.match(seen.key) is not None
    key, message_id = (seen.key, seen.message_id) if mine or apart else _apart(seen.key, seen.message_id)
    entry = ledger.find_entry(db, key)
    while entry is not None and (entry.contact_id != contact_id or entry.state == "skipped"):
        # It belongs to another contact, or was given up, and what was sent later is another touch.
        key, message_id = _apart(key, message_id)
        entry = ledger.find_entry(db, key)
    if ledger.remembers(entry, seen.run_id):
        return False
    if is_brief:
        handoff_id = _handoff(db, seen, int(number), contact_id)
    elif request_id is None:
        enrollment_id = _enrollment(db, seen, int(place.rsplit("/", 2)[1]), contact_id)
    if entry is not None:
        enrollment_id, request_id, handoff_id = db.execute(_SQL["owner_of"], (entry.id,)).fetchone()
    row = ledger.row_of(
        seen, key=key, contact_id=contact_id, enrollment_id=enrollment_id, request_id=request_id,
        handoff_id=handoff_id, message_id=message_id,
    )  # fmt: skip
    row |= {"body_hash": seen.body_hash, "run_id": seen.run_id, "at": seen.at, "reason": REASON}
    try:
        if entry is None:
            db.execute(_SQL["insert_in_doubt"], row)
        else:
            ledger.overtake(db, entry, row)
    except IntegrityError as error:
        if error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
            raise
        return False  # another touch has brought this contact the same content
    entry = ledger.find_entry(db, key)
    if entry is not None:
        ledger.hold_in_doubt(db, entry, now)
    return True


def _apart(key: str, message_id: str) -> tuple[str, str]:
    """Another key and Message-ID, for a touch that cannot have its own."""
    return f"recalled/{key}", f"recalled.{message_id}"


def _enrollment(db: Connection, seen: TouchLine, turn: int, contact_id: int) -> int:
    """The passage in which it was sent, moved to its step; a new one if the database has forgotten that too."""
    where = {"contact_id": contact_id, "campaign": seen.campaign, "pass": turn}
    place = {"sequence": seen.step.partition("/")[0], "step": seen.step, "hop": seen.hop, "at": seen.at}
    found = db.execute(_SQL["passage"], where).fetchone()
    if found is not None:
        db.execute(_SQL["move_passage"], place | {"id": found[0]})
        return int(found[0])
    elsewhere = db.execute(_SQL["is_enrolled"], where).fetchone()[0]
    return db.execute(_SQL["insert_passage"], where | place | {"ended": elsewhere}).lastrowid or 0


def _handoff(db: Connection, seen: TouchLine, number: int, contact_id: int) -> int:
    """The hand-off whose brief it was; a new one if the database has forgotten it."""
    found = db.execute(_SQL["handoff"], {"contact_id": contact_id, "number": number - 1}).fetchone()
    if found is not None:
        return int(found[0])
    return db.execute(_SQL["insert_handoff"], {"contact_id": contact_id, "at": seen.at}).lastrowid or 0


def _request(db: Connection, seen: TouchLine, number: int, contact_id: int, now: int) -> int:
    """The request that it answered; a new one if the database has forgotten it."""
    found = db.execute(_SQL["request"], (number,)).fetchone()
    if found == (contact_id, seen.asset):
        return number
    row = {"contact_id": contact_id, "asset": seen.asset, "at": seen.at, "now": now, "key": seen.key}
    db.execute(_SQL["insert_request_event"], row)
    return int(db.execute(_SQL["request_of_event"], (seen.key,)).fetchone()[0])
