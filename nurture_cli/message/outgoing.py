"""One message on its way out: this room makes it, `delivery` carries it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, whole: the same touch gives the same identity and the same bytes at every attempt (R6, R7)."""

    key: str  # touch key; idempotency key of channels that take one
    message_id: str  # without angle brackets
    sender: str  # envelope sender, an addr-spec
    recipient: str  # envelope recipient, an addr-spec
    data: bytes  # what goes over the wire: RFC 5322 with CRLF, JSON, or the text of a task
    body_hash: str  # hex digest of what must not change between attempts (everything but Date)
    what: str  # the asset, for people who look at files and lists
    at: int = field(compare=False)  # the instant at which it was made


def kept(body_hash: str, today_at: int) -> str:
    """What is recorded about a body that may arrive: its digest, and the instant whose date `today` prints in it."""
    return f"{body_hash}@{today_at}"


def split_kept(kept: str) -> tuple[str, int | None]:
    """The two parts of what `kept` made: the digest, and the instant (None: what is kept has no instant)."""
    body_hash, _, instant = kept.partition("@")
    return body_hash, int(instant) if instant.isascii() and instant.isdigit() else None
