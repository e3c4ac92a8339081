"""A human decides about one touch that is in doubt, or has failed and waits."""

from __future__ import annotations

from enum import StrEnum

from nurture_cli.errors import WrongUsage
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.ledger import Entry


class Resolution(StrEnum):
    """What a human says of a touch: it was sent, it failed, or it is to be sent again."""

    SENT = "sent"
    FAILED = "failed"
    RESEND = "resend"


def resolve(db: Connection, key: str, resolution: Resolution, at: int) -> None:
    """Settle the touch with that key, and let its contact go on.

    A touch in doubt counts as sent, counts as failed, or is delivered again with the very same text. A failed one is
    given up, or delivered again with the text of today. Raises WrongUsage for anything else.
    """
    with writing(db):
        entry = ledger.find_entry(db, key)
        if entry is None:
            raise WrongUsage(
                f"There is no touch {key}.", "`nurture touches list --state unknown` shows those in doubt."
            )
        match entry.state, resolution:
            case "unknown", Resolution.SENT:
                ledger.resolve_sent(db, entry, at=at, reason="resolved by hand: it was sent")
            case "unknown", Resolution.FAILED:
                ledger.resolve_failed(db, entry, at=at, reason="resolved by hand: it was not sent")
            case "unknown", Resolution.RESEND:
                reason = "resolved by hand: to be handed over again"
                ledger.redeliver(db, entry, at=at, reason=reason, body_hash=entry.body_hash)
            case "failed", Resolution.FAILED:
                _refuse_past(db, entry)
                _refuse_brief(entry)
                ledger.resolve_failed(db, entry, at=at, reason="resolved by hand: given up")
            case "failed", Resolution.RESEND:
                _refuse_past(db, entry)
                reason = "resolved by hand: to be handed over again"
                ledger.redeliver(db, entry, at=at, reason=reason, body_hash=None)
            case _:
                raise WrongUsage(
                    f"Touch {key} is {entry.state}; there is nothing to resolve.",
                    "You can resolve touches in doubt (unknown), and failed ones that wait.",
                )


def _refuse_past(db: Connection, entry: Entry) -> None:
    if not ledger.waits_for(db, entry):
        raise WrongUsage(
            f"Touch {entry.key} has failed, and its contact has moved on since; there is nothing to resolve.",
            "To send the asset all the same, use `nurture request`.",
        )


def _refuse_brief(entry: Entry) -> None:
    if entry.enrollment_id is None and entry.request_id is None:
        raise WrongUsage(
            f"Touch {entry.key} tells Sales about a lead who is with them; you cannot give it up.",
            "Try it again with `resend`, or record with `nurture sales` what became of the lead.",
        )
