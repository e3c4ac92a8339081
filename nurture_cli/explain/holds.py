"""Why a touch is held back, in words, and what lets it go: of one contact, with the very command to type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection


class Reason(NamedTuple):
    """Why something is held back, and when it goes out after all; `{email}` stands for the contact."""

    why: str
    frees: str


CONSENT = "consent=… consent_basis=… consent_source=…"
HOLDS: Mapping[Hold, Reason] = {
    Hold.STRANDED: Reason(
        "its step is no longer in the campaign's file", "when the step is mapped under `moved:` in the campaign's file"
    ),
    Hold.PAUSED: Reason("the campaign is paused", "when `paused: true` is removed from the campaign's file"),
    Hold.IN_DOUBT: Reason(
        "it may have been delivered already",
        "when `nurture touches resolve` says whether it arrived; after 72 hours it counts as sent",
    ),
    Hold.FAILED: Reason(
        "it failed", "when the file or the fact that it failed for is mended, or with `nurture touches resolve`"
    ),
    Hold.SUPPRESSED: Reason(
        "the address is suppressed", "with `nurture suppress remove {email} --why …`, if the contact asked for it"
    ),
    Hold.NO_CONSENT: Reason(
        "no consent recorded", f"when consent is recorded: `nurture contacts set {{email}} {CONSENT}`"
    ),
    Hold.CONSENT_ENDED: Reason(
        "its consent has run out", f"when a new one is recorded: `nurture contacts set {{email}} {CONSENT}`"
    ),
    Hold.DEFERRED: Reason("the mail server asked for another attempt later", "with the next attempt"),
    Hold.LATE: Reason("overdue, and moved to the next slot", "at its own time of day"),
    Hold.GAP: Reason("too soon after the campaign's last message", "when the campaign's gap is over"),
    Hold.WINDOW: Reason("outside the send window", "when the send window opens"),
    Hold.CAP: Reason("the contact has had enough messages for now", "when an earlier message leaves the cap's time"),
    Hold.TURN: Reason("another message to this contact goes first", "with the next run"),
    Hold.CHANNEL_LIMIT: Reason("the channel's limit is reached", "when the channel has room again"),
    Hold.CHANGED: Reason("the contact changed after the plan was made", "with the next run"),
    Hold.LOOP: Reason("it goes round in a loop without a wait", "when the loop in the campaign's file has a wait"),
}


def reason_of_hold(db: Connection, contact_id: int, hold: str, failed_because: str | None) -> Reason:
    """The words for a hold reason of one contact; consent that lacks its basis or its source is named as that.

    `failed_because` is what the ledger says of the earlier attempt, if there was one.
    """
    reason = HOLDS[Hold(hold)]
    email, consent, basis, source = db.execute(
        "SELECT email, consent, consent_basis, consent_source FROM main.contact WHERE id = ?", (contact_id,)
    ).fetchone()
    if hold == Hold.NO_CONSENT and consent in ("express", "implied"):
        lacking = [name for name, value in (("basis", basis), ("source", source)) if value is None]
        typed = " ".join(f"consent_{name}=…" for name in lacking)
        why = f"consent recorded without its {' and '.join(lacking)}, which counts as none"
        reason = Reason(why, f"when that is recorded too: `nurture contacts set {{email}} {typed}`")
    if hold == Hold.FAILED:
        reason = Reason(f"it failed: {(failed_because or '').rstrip('.')}", reason.frees)
    return Reason(reason.why, reason.frees.format(email=email))
