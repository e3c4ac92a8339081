"""How fast a channel goes: it slows down for a relay that says so."""

from __future__ import annotations

from nurture_cli.delivery.messenger import Outcome, Receipt

SLOWEST = 30.0  # seconds between two messages of a throttled channel
FIRST_PAUSE = 0.5

_THROTTLING = frozenset({421, 425, 429, 450, 451, 452, 454, 503})


class Throttle:
    """The pause between two messages of a channel: each reply that says "too fast" doubles it, success shortens it."""

    def __init__(self) -> None:
        self.pause = 0.0  # seconds

    def note(self, receipt: Receipt) -> None:
        """Take a reply into account."""
        if receipt.outcome is Outcome.ACCEPTED:
            self.pause = self.pause * 0.9 if self.pause > 0.05 else 0.0
        elif _throttles(receipt):
            self.pause = min(SLOWEST, max(FIRST_PAUSE, self.pause * 2))


def _throttles(receipt: Receipt) -> bool:
    """Whether a reply is about the rate or the server rather than about one mailbox."""
    about_recipient = receipt.enhanced is not None and receipt.enhanced.startswith(("4.1.", "4.2.", "4.6."))
    return receipt.outcome is Outcome.DEFERRED and receipt.code in _THROTTLING and not about_recipient
