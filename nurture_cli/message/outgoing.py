"""One message on its way out: what this room makes and `delivery` carries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, whole: the same touch gives the same identity and the same bytes at every attempt (R6, R7)."""

    key: str  # touch key; idempotency key of channels that take one
    message_id: str  # without angle brackets
    sender: str  # envelope sender, an addr-spec
    recipient: str  # envelope recipient, an addr-spec
    data: bytes  # what goes over the wire: RFC 5322 with CRLF, JSON, or the text of a task
    body_hash: str  # hex digest of what must not change between attempts (everything but Date)
