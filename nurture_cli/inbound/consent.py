"""What cells say about consent and opt-outs, in whatever words; never more consent than they say."""

from __future__ import annotations

from functools import partial

from nurture_cli.inbound.column_names import bare_name
from nurture_cli.inbound.opt_out import YES, OptOutColumn, OptOutKind, Said, opt_out_column, said_in_cell
from nurture_cli.inbound.values import shown
from nurture_cli.store.contacts import CONSENTS
from nurture_cli.store.suppressions import REASONS

CONSENT, SUPPRESSED = "consent", "suppressed"
OPT_OUTS = tuple(said.value for said in Said if said.suppresses)
_AGREED = OptOutColumn(OptOutKind.OPT_IN)
_FLAGGED = OptOutColumn(OptOutKind.OPT_OUT, Said.MANUAL)
_EXPRESS = frozenset(["explicit", "opted_in", "opt_in", "optin", "double_opt_in", "confirmed_opt_in", "confirmed"])
_IMPLIED = frozenset({"implicit"})


def read_consent_of(name: str, given: str | None) -> partial[str | None]:
    """A reader of consent for the cells of a column of this name; `given` is what every row has besides."""
    return partial(_consent, opt_out_column(name) or _AGREED, given)


def read_suppression_of(name: str) -> partial[Said]:
    """A reader of opt-outs for the cells of a column of this name."""
    return partial(_suppression, opt_out_column(name))


def read_suppression(text: str) -> str | None:
    """The reason for which all contacts of a file are suppressed, or None for a no."""
    said = _suppression(_FLAGGED, text)
    return said.value if said.suppresses else None


def least(*consents: str | None) -> str | None:
    """The least of these consents; None says nothing."""
    said = [consent for consent in consents if consent is not None]
    return min(said, key=CONSENTS.index) if said else None


def strongest(*reasons: str | None) -> str | None:
    """The strongest of these reasons to suppress; None says nothing."""
    said = [reason for reason in reasons if reason is not None]
    return max(said, key=REASONS.index) if said else None


def _consent(column: OptOutColumn, given: str | None, text: str) -> str | None:
    bare = bare_name(text)
    if bare in CONSENTS:
        return bare
    if bare in _EXPRESS or bare in _IMPLIED:
        return "express" if bare in _EXPRESS else "implied"
    said = said_in_cell(text, column)
    match said:
        case Said.UNSUBSCRIBED | Said.COMPLAINT:
            return "withdrawn"
        case Said.NEVER_AGREED:
            return "unknown"
        case Said.NOTHING if column.kind is OptOutKind.OPT_IN and bare in YES:
            return "express"
        case Said.NOTHING if given is not None:
            return None  # nothing that contradicts what every row has
        case Said.NOTHING:
            raise ValueError(
                f"{shown(text)} does not say how the contact agreed. Say what it means: "
                f'--value "consent:{text[:40]}=express" or --value "consent:{text[:40]}=implied".'
            )
        case Said.HARD_BOUNCE | Said.MANUAL:
            raise ValueError(f"{shown(text)} is not a consent. Map the column to `{SUPPRESSED}`.")
        case None:
            words = f"one of {', '.join(CONSENTS)}, or words such as yes, no, opted in, unsubscribed"
            raise _not_understood(CONSENT, text, words)


def _suppression(column: OptOutColumn | None, text: str) -> Said:
    said = said_in_cell(text, column or OptOutColumn(OptOutKind.STATUS))
    if said is None:
        raise _not_understood(SUPPRESSED, text, f"{', '.join(OPT_OUTS)} and their like, or subscribed, active, no")
    return said


def _not_understood(target: str, text: str, understood: str) -> ValueError:
    meant = "no" if target == SUPPRESSED else "unknown"
    return ValueError(
        f"{shown(text)} is not understood as `{target}`: it is {understood}. Say what it means, such as "
        f'--value "{target}:{text[:40]}={meant}".'
    )
