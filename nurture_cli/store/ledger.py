"""The ledger of touches, for writing: a touch is claimed before its message is sent, and settled after it.

Call every function inside `writing`. Those that move a touch from one state to another move the contact's place in its
campaign, or the request, with it. For a touch in another state than expected they raise LedgerError and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

from nurture_cli.errors import Refused
from nurture_cli.reasons import Hold
from nurture_cli.store.faults import not_as_left
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

DOUBT_SECONDS = 72 * 3600  # after this long without contrary evidence, a touch in doubt counts as sent

MAY_HAVE_ARRIVED = frozenset({"committing", "sent", "unknown"})  # states

_FACTS_BEFORE_SCHEMA_3 = 12
_SQL = queries("ledger")


class Named(Protocol):
    """What a touch is."""

    @property
    def key(self) -> str: ...
    @property
    def campaign(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def hop(self) -> int: ...
    @property
    def asset(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def once_scope(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def reaches_contact(self) -> bool: ...
    @property
    def stream(self) -> bool: ...
    @property
    def due_at(self) -> int: ...
    @property
    def campaign_hash(self) -> str: ...
    @property
    def asset_hash(self) -> str: ...


class Wanted(Named, Protocol):
    """A touch that is to be claimed: whose it is, and why."""

    @property
    def contact_id(self) -> int: ...
    @property
    def enrollment_id(self) -> int | None: ...
    @property
    def request_id(self) -> int | None: ...
    @property
    def handoff_id(self) -> int | None: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One touch as it stood when it was read or claimed; `body_hash` is that of an attempt that may have arrived."""

    id: int
    key: str
    contact_id: int
    enrollment_id: int | None
    request_id: int | None
    hop: int
    stream: bool
    campaign: str
    channel: str
    asset: str
    state: str
    at: int
    attempts: int
    first_tried_at: int | None
    body_hash: str | None
    run_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said, as it is kept."""

    code: int | None = None
    reply: str | None = None


class LedgerError(Refused):
    """A touch is not as this run left it, and was not changed."""

    def __init__(self, id: int, deed: str) -> None:
        super().__init__(
            f"Touch {id} is not as this run left it ({deed} is out of order), so the run stops here.",
            "Was the lock file ending in .run deleted during a run, or the database changed by hand?",
        )


NOTHING_SAID = Answer()


def claim(db: Connection, wanted: Wanted, *, message_id: str, run_id: int, at: int) -> Entry | None:
    """Claim a touch, so that no other run sends it; None when it, or the same content, is claimed, sent or in doubt.

    A touch whose earlier attempt may have arrived keeps its asset and hash; any other gets those of today.
    """
    from nurture_cli.store.database import IntegrityError

    row = row_of(
        wanted,
        key=wanted.key,
        contact_id=wanted.contact_id,
        enrollment_id=wanted.enrollment_id,
        request_id=wanted.request_id,
        handoff_id=wanted.handoff_id,
        message_id=message_id,
    )
    row |= {"run_id": run_id, "at": at, "reason": wanted.reason}
    found = None
    try:
        made = db.execute(_SQL["insert"], row)
        if made.rowcount == 1:
            id = made.lastrowid
        elif (found := find_entry(db, wanted.key)) is None:
            raise AssertionError("a touch that is there cannot be found")
        elif found.state not in ("planned", "failed") or found.contact_id != wanted.contact_id:
            return None
        else:
            id = found.id
            digest, *facts = db.execute(_SQL["digest"], (id,)).fetchone()
            if not _fits(digest, facts):
                raise not_as_left(f"touch {wanted.key}")
            query = "claim_anew" if found.body_hash is None else "claim_again"
            if db.execute(_SQL[query], row | {"id": id}).rowcount != 1:
                return None
    except IntegrityError as error:
        if error.sqlite_errorname != "SQLITE_CONSTRAINT_UNIQUE":
            raise
        return None
    tried = (0, None, None) if found is None else (found.attempts, found.first_tried_at, found.body_hash)
    asset = wanted.asset if found is None or found.body_hash is None else found.asset
    return Entry(
        id or 0, wanted.key, wanted.contact_id, wanted.enrollment_id, wanted.request_id, wanted.hop, wanted.stream,
        wanted.campaign, wanted.channel, asset, "claimed", at, *tried, run_id,
    )  # fmt: skip


def release(db: Connection, entry: Entry, at: int) -> None:
    """Undo a claim: nothing was tried, and the next run may claim the touch."""
    _change(db, "release", entry, {"at": at})


def take_back(db: Connection, entry: Entry, at: int) -> None:
    """Undo the mark of a touch that was not delivered: the next run may claim it."""
    _change(db, "take_back", entry, {"at": at, "body_hash": entry.body_hash})


def mark_committing(db: Connection, entry: Entry, *, body_hash: str, at: int) -> None:
    """Mark a touch at its point of no return: once this is on disk, its message may have been delivered."""
    _change(db, "commit", entry, {"body_hash": body_hash, "at": at}, at_once="commit_at_once")


def settle_sent(
    db: Connection,
    entry: Entry,
    *,
    at: int,
    answer: Answer = NOTHING_SAID,
    task: tuple[str, str] | None = None,
) -> None:
    """The other side took it at instant `at`; `task` is title and body of the to-do that comes of it."""
    row = {"at": at, "code": answer.code, "reply": answer.reply}
    _change(db, "sent", entry, row, at_once="sent_at_once")
    if task is not None:
        row = {
            "touch_id": entry.id,
            "contact_id": entry.contact_id,
            "title": task[0],
            "body": task[1],
            "at": at,
        }
        db.execute(_SQL["make_task"], row)
    _go_on(db, entry, happened=at, state="sent", why="sent", at=at)


def settle_put_off(
    db: Connection,
    entry: Entry,
    *,
    at: int,
    next_try_at: int,
    reason: str,
    answer: Answer = NOTHING_SAID,
    body_hash: str | None = None,
) -> None:
    """Not taken this time. `body_hash`: kept when this or an earlier attempt may have arrived."""
    kept = entry.body_hash or body_hash
    row = {"at": at, "next_try_at": next_try_at, "reason": reason, "body_hash": kept}
    _change(db, "put_off", entry, row | {"code": answer.code, "reply": answer.reply})
    _hold(db, entry, Hold.DEFERRED, at=at, until=next_try_at)


def settle_refused(
    db: Connection, entry: Entry, *, at: int, reason: str, made_from: str, answer: Answer = NOTHING_SAID
) -> None:
    """Not taken, for good: the contact goes on with the next step. `made_from` is the hash of what it was made from."""
    _fail(db, entry, at=at, reason=reason, made_from=made_from, answer=answer)
    _go_on(db, entry, happened=at, state="refused", why=reason, at=at)


def settle_broken(
    db: Connection, entry: Entry, *, at: int, reason: str, made_from: str, answer: Answer = NOTHING_SAID
) -> None:
    """It could not be made or never got out: the contact waits for a human, or until `made_from` is another."""
    _fail(db, entry, at=at, reason=reason, made_from=made_from, answer=answer)
    _hold(db, entry, Hold.FAILED, at=at, until=None)


def settle_unknown(db: Connection, entry: Entry, *, at: int, reason: str, answer: Answer = NOTHING_SAID) -> None:
    """Park a touch of which nobody can know whether it arrived; the contact waits."""
    _change(db, "in_doubt", entry, {"reason": reason, "code": answer.code, "reply": answer.reply})
    hold_in_doubt(db, entry, at)


def hold_in_doubt(db: Connection, entry: Entry, at: int) -> None:
    """The contact waits until its touch is resolved, three days at most."""
    _hold(db, entry, Hold.IN_DOUBT, at=at, until=at + DOUBT_SECONDS)


def redeliver(db: Connection, entry: Entry, *, at: int, reason: str, body_hash: str | None) -> None:
    """Let a touch that is in doubt, or failed, be tried once more; with `body_hash`, only with exactly that body."""
    _change(db, "redeliver", entry, {"at": at, "reason": reason, "body_hash": body_hash})
    db.execute(_SQL["free_enrollment"], {"enrollment_id": entry.enrollment_id, "hop": entry.hop, "at": at})
    db.execute(_SQL["free_request"], {"request_id": entry.request_id, "at": at})


def resolve_sent(db: Connection, entry: Entry, *, at: int, reason: str) -> None:
    """A touch in doubt counts as sent, at the instant at which that may have been; the contact goes on."""
    _change(db, "assume_sent", entry, {"reason": reason})
    _go_on(db, entry, happened=entry.at, state="sent", why=reason, at=at)


def resolve_failed(db: Connection, entry: Entry, *, at: int, reason: str) -> None:
    """A touch in doubt did not arrive, or a failed one is given up; the contact goes on with the next step."""
    _change(db, "found_failed" if entry.state == "unknown" else "give_up", entry, {"at": at, "reason": reason})
    _go_on(db, entry, happened=at, state="refused", why=reason, at=at)


def overtake(db: Connection, entry: Entry, row: dict[str, Any]) -> None:
    """Put in doubt a touch that waits, failed or was claimed, as the columns `row` say: it was delivered after all."""
    if entry.state == "claimed":
        _change(db, "release", entry, {"at": row["at"]})
    db.execute(_SQL["claim_anew"], row | {"id": entry.id})
    seen = replace(entry, run_id=row["run_id"])
    mark_committing(db, seen, body_hash=row["body_hash"], at=row["at"])
    _change(db, "in_doubt", seen, {"reason": row["reason"], "code": None, "reply": None})


def find_entry(db: Connection, key: str) -> Entry | None:
    """The touch with a key."""
    row = db.execute(_SQL["by_key"], (key,)).fetchone()
    return None if row is None else _entry(row)


def waits_for(db: Connection, entry: Entry) -> bool:
    """Whether the contact is still at the step of this touch, the request is open, or Sales waits for the brief."""
    row = {"id": entry.id, "enrollment_id": entry.enrollment_id, "hop": entry.hop, "request_id": entry.request_id}
    return bool(db.execute(_SQL["waits_for"], row).fetchone()[0])


def was_answered(db: Connection, entry: Entry) -> bool:
    """Whether the contact has done something since that only the touch can have led to."""
    row = {"contact_id": entry.contact_id, "asset": entry.asset, "at": entry.at}
    return bool(db.execute(_SQL["was_answered"], row).fetchone()[0])


def left_claimed(db: Connection) -> list[Entry]:
    """Touches that a killed run had claimed."""
    return [_entry(row) for row in db.execute(_SQL["claimed"])]


def left_committing(db: Connection) -> list[Entry]:
    """Touches that a killed run was about to deliver, or had delivered."""
    return [_entry(row) for row in db.execute(_SQL["committing"])]


def in_doubt(db: Connection) -> list[tuple[Entry, int, str]]:
    """Touches in doubt, each with the instant since when somebody could have known, and the reason."""
    return [(_entry(row[:-2]), row[-2], row[-1]) for row in db.execute(_SQL["unknown"])]


def is_fresh(db: Connection) -> bool:
    """Whether the send journal never had a line that matters, as far as this database knows."""
    return bool(db.execute(_SQL["is_fresh"]).fetchone()[0])


def remembers(entry: Entry | None, run_id: int) -> bool:
    """Whether the ledger knows of an attempt that the run `run_id` made at a touch, or counts it as received anyway."""
    if entry is None:
        return False
    return entry.state in MAY_HAVE_ARRIVED or (
        entry.run_id == run_id and entry.state != "claimed" and entry.attempts > 0
    )


def witnessed(db: Connection) -> Iterator[tuple[Any, ...]]:
    """Everything that may have been delivered, as the columns of a line of the journal."""
    return iter(db.execute(_SQL["witnessed"]))


def record_journal(db: Connection, size: int) -> None:
    """Record how much of the send journal this database knows."""
    db.execute(_SQL["record_journal"], (size,))


def grow_journal(db: Connection, more: int) -> None:
    """Record that the send journal grows by so many bytes, which are written right after this transaction."""
    db.execute(_SQL["grow_journal"], (more,))


def damaged(db: Connection) -> Iterator[str]:
    """The keys of touches whose digest does not fit what they say."""
    for digest, *facts in db.execute(_SQL["digests"]):
        if not _fits(digest, facts):
            yield facts[0]


def row_of(
    named: Named,
    *,
    key: str,
    contact_id: int,
    enrollment_id: int | None,
    request_id: int | None,
    handoff_id: int | None,
    message_id: str,
) -> dict[str, Any]:
    """The columns that say what a touch is and whose, with their digest."""
    facts = {
        "key": key, "contact_id": contact_id, "enrollment_id": enrollment_id, "request_id": request_id,
        "handoff_id": handoff_id, "campaign": named.campaign, "step": named.step, "hop": named.hop,
        "asset": named.asset, "family": named.family, "once_scope": named.once_scope, "message_id": message_id,
    }  # fmt: skip
    facts |= {
        "channel": named.channel, "reaches_contact": int(named.reaches_contact), "stream": int(named.stream),
        "due_at": named.due_at, "campaign_hash": named.campaign_hash,
    }  # fmt: skip
    return facts | {"digest": digest_of(facts.values()), "asset_hash": named.asset_hash}


def digest_of(facts: Iterable[Any]) -> int:
    """The digest of what a touch says, in the order of `row_of`."""
    return crc32("\0".join(map(str, facts)).encode())


def _fits(digest: int, facts: list[Any]) -> bool:
    """Whether a digest is that of a touch; before schema 3 it was made of less."""
    return digest in (digest_of(facts), digest_of(facts[:_FACTS_BEFORE_SCHEMA_3]))


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(*(*row[:6], bool(row[6]), *row[7:]))


def _change(db: Connection, query: str, entry: Entry, row: dict[str, Any], *, at_once: str | None = None) -> None:
    """Run a query that must find the touch; first, where there is one, its variant that leaves the indexes alone."""
    row = row | {"id": entry.id, "run_id": entry.run_id}
    if at_once is not None and db.execute(_SQL[at_once], row).rowcount == 1:
        return
    if db.execute(_SQL[query], row).rowcount != 1:
        raise LedgerError(entry.id, query)


def _fail(db: Connection, entry: Entry, *, at: int, reason: str, made_from: str, answer: Answer) -> None:
    row = {"at": at, "reason": reason, "made_from": made_from, "code": answer.code, "reply": answer.reply}
    _change(db, "failed", entry, row | {"body_hash": entry.body_hash})


def _go_on(db: Connection, entry: Entry, *, happened: int, state: str, why: str, at: int) -> None:
    if entry.enrollment_id is not None:
        row = {"enrollment_id": entry.enrollment_id, "hop": entry.hop, "happened": happened}
        at_once, query = ("turn_done_at_once", "turn_done") if entry.stream else ("step_done_at_once", "step_done")
        if db.execute(_SQL[at_once], row).rowcount != 1:
            db.execute(_SQL[query], row)
    else:
        row = {"request_id": entry.request_id or 0, "at": at}
        db.execute(_SQL["close_request"], row | {"state": state, "why": why})


def _hold(db: Connection, entry: Entry, hold: Hold, *, at: int, until: int | None) -> None:
    row = {"held_reason": str(hold), "at": at, "until": until}
    if entry.enrollment_id is not None:
        db.execute(_SQL["hold_enrollment"], row | {"enrollment_id": entry.enrollment_id, "hop": entry.hop})
    else:
        db.execute(_SQL["hold_request"], row | {"request_id": entry.request_id})
