"""Writes into the ledger what the answer to an attempt means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nurture_cli.delivery.messenger import Blame, Outcome, Receipt
from nurture_cli.message.ingredients import for_contact
from nurture_cli.records import Contact
from nurture_cli.runner.retries import MOST_DAYS, next_try, tried_long_enough
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection
from nurture_cli.store.ledger import Answer, Entry
from nurture_cli.store.suppressions import bounce_source, suppress

OURS = (Blame.SENDER, Blame.CONNECTION)  # to blame for what has nothing to do with the contact or the message


class Settled(StrEnum):
    """What became of one touch in this run."""

    SENT = "sent"
    FAILED = "failed"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was answered, with all that settling it needs.

    `safely_again`: the channel may get the same message twice without harm. `body_hash` must then be the same at the
    next attempt (None: it may change). `task` is the title and the body of a to-do.
    """

    entry: Entry
    receipt: Receipt
    at: int
    contact: Contact
    asset_hash: str
    safely_again: bool
    body_hash: str | None
    task: tuple[str, str] | None = None

    @property
    def made_from(self) -> str:
        """The hash of all that the message was made from."""
        return for_contact(self.asset_hash, self.contact)


def settle(db: Connection, attempt: Attempt) -> Settled:
    """Write down what became of an attempt, and what follows for the contact; inside `writing`."""
    entry, receipt, at = attempt.entry, attempt.receipt, attempt.at
    answer = Answer(receipt.code, receipt.reply or None)
    match receipt.outcome:
        case Outcome.ACCEPTED:
            ledger.settle_sent(db, entry, at=at, answer=answer, task=attempt.task)
            return Settled.SENT
        case Outcome.UNKNOWN:
            if attempt.safely_again:
                return _put_off(db, attempt, answer)
            reason = f"handed over, but no answer came: {receipt.reply}"
            ledger.settle_unknown(db, entry, at=at, reason=reason, answer=answer)
            return Settled.UNKNOWN
        case Outcome.REFUSED:
            if receipt.blame in OURS:
                return _put_off(db, attempt, answer)
            reason = f"refused: {in_words(receipt)}"
            ledger.settle_refused(db, entry, at=at, reason=reason, made_from=attempt.made_from, answer=answer)
            if receipt.blame is Blame.ADDRESS:
                source = bounce_source(in_words(receipt), entry.key)
                suppress(db, attempt.contact.address_hash, reason="hard-bounce", source=source, at=at)
            return Settled.FAILED
        case Outcome.DEFERRED:
            return _put_off(db, attempt, answer)


def _put_off(db: Connection, attempt: Attempt, answer: Answer) -> Settled:
    """Put a touch off. After some days it fails: the contact goes on, or waits for a human if the fault is ours."""
    entry, receipt, at = attempt.entry, attempt.receipt, attempt.at
    if tried_long_enough(entry.first_tried_at, at):
        reason = f"not accepted in {MOST_DAYS} days; the last answer: {in_words(receipt)}"
        if receipt.blame in OURS:
            ledger.settle_broken(db, entry, at=at, reason=reason, made_from=attempt.made_from, answer=answer)
        else:
            ledger.settle_refused(db, entry, at=at, reason=reason, made_from=attempt.made_from, answer=answer)
        return Settled.FAILED
    ledger.settle_put_off(
        db,
        entry,
        at=at,
        next_try_at=next_try(entry.key, entry.attempts + 1, at),
        reason=f"put off: {in_words(receipt)}",
        answer=answer,
        body_hash=attempt.body_hash if receipt.outcome is Outcome.UNKNOWN else None,
    )
    return Settled.DEFERRED


def in_words(receipt: Receipt) -> str:
    """What the other side said, in words."""
    said = f"{receipt.code or ''} {receipt.reply}".strip()
    return said or "no reason given"
