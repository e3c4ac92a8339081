"""What `explain` adds to the words of a hold (`reasons.py`) for one contact: the exact command to type."""

from __future__ import annotations

from typing import NamedTuple

from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection
from nurture_cli.store.suppressions import GUARDED


class HoldWords(NamedTuple):
    """Why something is held back, and when it goes out after all; `{email}` stands for the contact."""

    why: str
    frees: str


def reason_of_hold(db: Connection, contact_id: int, hold: str, failed_because: str | None) -> HoldWords:
    """The words for a hold reason of one contact; consent without its basis or its source is named as that.

    `failed_because` is what the ledger says of the earlier attempt, if there was one.
    """
    reason = HoldWords(Hold(hold).why, Hold(hold).frees)
    email, consent, basis, source, suppressed = db.execute(
        "SELECT c.email, c.consent, c.consent_basis, c.consent_source, s.reason FROM main.contact c"
        " LEFT JOIN main.suppression s ON s.address_hash = c.address_hash AND s.lifted_at IS NULL WHERE c.id = ?",
        (contact_id,),
    ).fetchone()
    if hold == Hold.SUPPRESSED and suppressed in GUARDED:
        typed = f"--why … --although {suppressed}"  # you undo what the contact said only by naming it
        reason = HoldWords(reason.why, reason.frees.replace("--why …", typed))
    if hold == Hold.NO_CONSENT and consent in ("express", "implied"):
        lacking = [name for name, value in (("basis", basis), ("source", source)) if value is None]
        typed = " ".join(f"consent_{name}=…" for name in lacking)
        why = f"consent recorded without its {' and '.join(lacking)}, which counts as none"
        reason = HoldWords(why, f"when that is recorded too: `nurture contacts set {{email}} {typed}`")
    if hold == Hold.FAILED:
        reason = HoldWords(f"it failed: {(failed_because or '').rstrip('.')}", reason.frees)
    return HoldWords(reason.why, reason.frees.format(email=email))
