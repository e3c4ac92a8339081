"""What may be wrong with the database itself: damage, the SQLite library, the disk."""

from __future__ import annotations

import json
import sqlite3  # noqa: TID251  store/ is the door
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.address import email_and_key
from nurture_cli.keys import Keys
from nurture_cli.store import ledger, seals
from nurture_cli.store.faults import damaged, not_as_left, translated
from nurture_cli.store.host import file_system
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection

MOST = 10  # findings of one kind that are shown
# What a run rests on; none grows with the list of contacts.
_SMALL = ("instance", "campaign_seen", "funnel_seen")
# Their locks do not reach other machines, or their writes arrive late or in another order.
_SHARED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "davfs"})


def damage(db: Connection) -> Iterator[str]:
    """What is damaged, in words; reads every page, and compares rows with indexes, with digests and with each other."""
    with translated(db.path):
        # Not the quick check: only the indexes show a flipped bit in the hash of a suppression or in a key.
        yield from _integrity(db, MOST)
        for table, row, parent, _ in db.execute("PRAGMA foreign_key_check").fetchmany(MOST):
            yield f"row {row} of {table} points to a row of {parent} that is not there"
        changed = chain(
            (f"touch {key}" for key in ledger.damaged(db)),
            (f"contact {id}" for id in seals.broken_contacts(db)),
            (f"enrollment {id}" for id in seals.broken_places(db)),
            (f"the standing of contact {id}" for id in seals.broken_standings(db)),
        )
        yield from (f"{what} was changed behind nurture's back" for what in islice(changed, MOST))


def damage_of_small_tables(db: Connection) -> Iterator[str]:
    """What is damaged, in words, in the tables that stop mail or record what runs have seen."""
    return _damage_of(db, ("suppression", *_SMALL))


def refuse_damaged_tables(db: Connection) -> None:
    """Raise Refused when one of the tables that a run reads whole is damaged."""
    for words in _damage_of(db, _SMALL):
        raise damaged(db.path, words.removeprefix("SQLite says: "))


def refuse_damaged_contacts(db: Connection, contacts: Iterable[Contact], address_hash: Callable[[str], bytes]) -> None:
    """Raise Refused when one of these contacts, read inside `writing`, is not as nurture wrote it.

    Two indexes must agree on which of them are suppressed: one flipped bit cannot be in both.
    """
    some = list(contacts)
    ids = json.dumps([one.id for one in some])
    for (id,) in db.execute(queries("suppressions")["in_one_index"], (ids,)):
        raise not_as_left(f"the suppression of contact {id}")
    changed = next((one.id for one in some if not _fits(one.email, one.address_hash, address_hash)), None)
    if changed is None:
        changed = next(seals.broken_contacts(db, "SELECT value FROM json_each(?)", ids), None)
    if changed is not None:
        raise not_as_left(f"contact {changed}")


def _damage_of(db: Connection, tables: Iterable[str]) -> Iterator[str]:
    with translated(db.path):
        for table in tables:
            yield from _integrity(db, f"'{table}'")


def _integrity(db: Connection, what: object) -> Iterator[str]:
    for (words,) in db.execute(f"PRAGMA integrity_check({what})"):
        if words != "ok":
            yield f"SQLite says: {words}"


def strangers(db: Connection, keys: Keys) -> int:
    """How many contacts have a hash that is not that of their address: from another key file, or changed by hand."""
    address_hash = keys.address_hasher()
    with translated(db.path):
        rows = db.execute(queries("contacts")["addresses"])
        return sum(not _fits_bytes(email, held, address_hash) for email, held in rows)


def zones(db: Connection) -> tuple[int, int]:
    """How many contacts have an unknown zone, and how many have one whose sign is often misread."""
    with translated(db.path):
        unknown, misread = db.execute(queries("contacts")["count_zones"]).fetchone()
    return unknown, misread


def _fits_bytes(email: bytes, held: bytes, address_hash: Callable[[str], bytes]) -> bool:
    try:
        return _fits(email.decode(), held, address_hash)
    except UnicodeDecodeError:
        return False


def _fits(email: str, held: bytes, address_hash: Callable[[str], bytes]) -> bool:
    try:
        return address_hash(email_and_key(email)[1]) == held
    except ValueError:
        return False


def library() -> tuple[str, bool]:
    """The version of SQLite, and whether two writers could lose data in it (mended in 3.51.3, 3.50.7 and 3.44.6)."""
    version = sqlite3.sqlite_version_info
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return sqlite3.sqlite_version, not mended


def shared_disk(path: Path) -> str | None:
    """The kind of file system, if the database is on one that machines share."""
    kind = file_system(path)
    return kind if kind in _SHARED else None
