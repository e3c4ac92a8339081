"""Messages to deliver, and a record of the points of no return that were passed."""

from __future__ import annotations

from dataclasses import replace

from nurture_cli.delivery.messenger import Outgoing

TEXT = b"Message-ID: <%s>\r\nSubject: Hello\r\n\r\nGood morning.\r\n"


def mail(number: int = 1, **changes: object) -> Outgoing:
    """A small mail; the same number makes the same mail."""
    message_id = f"id-{number}@example.org"
    whole = Outgoing(
        key=f"zero-trust/1/{number}/1",
        message_id=message_id,
        sender="news@example.org",
        recipient=f"reader{number}@example.com",
        data=TEXT % message_id.encode(),
        body_hash=f"hash-{number}",
        what="why-zero-trust",
        at=1772438400,  # Monday, 2 March 2026, 08:00 UTC
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


class Gate:
    """A point of no return that counts how often it was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.asked = 0
        self._answer = answer

    def __call__(self) -> bool:
        self.asked += 1
        return self._answer
