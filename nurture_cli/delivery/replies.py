"""What a mail server's reply means: whom it concerns, and its words made harmless."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from nurture_cli.delivery.messenger import Blame, Outcome, Receipt

LONGEST_REPLY = 400  # characters kept of the other side's words

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")


class Phase(StrEnum):
    """Where in the dialogue a reply was given."""

    GREETING = "greeting"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"  # after the final dot


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete reply; `code` is -1 when SMTP knows no such reply."""

    code: int
    raw: bytes | str

    @property
    def text(self) -> str:
        """The words, cleaned."""
        return cleaned(self.raw)

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 3463) at the beginning of the text, when its class fits the code."""
        found = _ENHANCED.match(self.text)
        return found[0] if found and found[1] == str(self.code)[0] else None


def cleaned(raw: bytes | str) -> str:
    """Words of the other side on one line, without control, format or surrogate characters, and cut to a length."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:LONGEST_REPLY]
    visible = (" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text[:8192])
    return " ".join("".join(visible).split())[:LONGEST_REPLY]


def refusal(reply: Reply, phase: Phase) -> Receipt:
    """The receipt for a reply that did not take the message; any reply but 4xx and 5xx counts as connection trouble."""
    match reply.code // 100:
        case 4:
            outcome = Outcome.DEFERRED
        case 5:
            outcome = Outcome.REFUSED
        case _:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=f"an answer out of turn: {reply.text}")
    return Receipt(outcome, blame_of(reply, phase), reply.code, reply.enhanced, reply.text)


def blame_of(reply: Reply, phase: Phase) -> Blame:
    """Whom a 4xx or 5xx concerns: by the enhanced code if there is one, else by the code and the phase."""
    if reply.code == 421:
        return Blame.CONNECTION
    if reply.code in (530, 534, 535, 538):
        return Blame.SENDER
    if reply.enhanced is not None:
        kind, subject, detail = (int(part) for part in reply.enhanced.split("."))
        blame = _by_enhanced_code(kind, subject, detail, phase)
        if blame is not None:
            return blame
    return _by_code(reply.code, phase)


def _by_enhanced_code(kind: int, subject: int, detail: int, phase: Phase) -> Blame | None:
    about_recipient = phase in (Phase.RCPT, Phase.END)
    match subject:
        case 1 if not about_recipient or detail in (7, 8):  # sender's mailbox, sender's domain
            return Blame.SENDER
        case 1:
            # Servers use 5.1.0 for many things, so it is no reason to suppress an address.
            return Blame.MAILBOX if detail == 0 else Blame.ADDRESS
        case 2:
            return Blame.MAILBOX if about_recipient else Blame.SENDER
        case 3:
            return Blame.CONNECTION if kind == 4 or detail in (2, 5) else Blame.MESSAGE
        case 4 if kind == 5:
            return Blame.MAILBOX if about_recipient else Blame.SENDER
        case 4:
            return Blame.CONNECTION
        case 5 if phase is Phase.END:
            return Blame.MESSAGE
        case 5 if phase is Phase.RCPT and detail in (2, 4):  # does not like how this address is written
            return Blame.MAILBOX
        case 5:
            return Blame.CONNECTION
        case 6:
            return Blame.MESSAGE
        case 7:
            return Blame.SENDER
        case _:
            return None


def _by_code(code: int, phase: Phase) -> Blame:
    if phase is Phase.RCPT and (code in (450, 451) or code >= 550):
        return Blame.MAILBOX
    if phase in (Phase.MAIL, Phase.END) and code == 552:  # too big
        return Blame.MESSAGE
    if phase is Phase.END and 500 <= code < 550:  # a line too long, a syntax it cannot take
        return Blame.MESSAGE
    return Blame.SENDER if code >= 550 or phase is Phase.LOGIN else Blame.CONNECTION
