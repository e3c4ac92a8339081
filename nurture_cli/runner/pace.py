"""How fast, how often, how long: slowing down for a relay that says so, and when to try a touch again."""

from __future__ import annotations

from zlib import crc32

from nurture_cli.delivery.messenger import Outcome, Receipt

FIRST_RETRY = 5 * 60  # seconds; doubled at every attempt
LONGEST_RETRY = 4 * 3600
JITTER = 0.25  # of the delay, either way
MOST_DAYS = 5  # of trying, then it has failed

SLOWEST = 30.0  # seconds between two messages of a throttled channel
FIRST_REST = 0.5

_THROTTLING = frozenset({421, 425, 429, 450, 451, 452, 454, 503})


class Throttle:
    """The rest between two messages of one channel: doubled at each reply that says "too fast", worn off by success."""

    def __init__(self) -> None:
        self.rest = 0.0

    def note(self, receipt: Receipt) -> None:
        """Take a reply into account."""
        if receipt.outcome is Outcome.ACCEPTED:
            self.rest = self.rest * 0.9 if self.rest > 0.05 else 0.0
        elif _throttles(receipt):
            self.rest = min(SLOWEST, max(FIRST_REST, self.rest * 2))


def _throttles(receipt: Receipt) -> bool:
    """Whether a reply is about the rate or the server rather than about one mailbox."""
    about_recipient = receipt.enhanced is not None and receipt.enhanced.startswith(("4.1.", "4.2.", "4.6."))
    return receipt.outcome is Outcome.DEFERRED and receipt.code in _THROTTLING and not about_recipient


def next_try(key: str, attempts: int, at: int) -> int:
    """When to try a touch again after so many attempts (from 1): later each time, and not all at the same moment."""
    delay = min(LONGEST_RETRY, FIRST_RETRY << min(attempts - 1, 16))
    share = crc32(f"{key}/{attempts}".encode()) / 0xFFFFFFFF
    return at + round(delay * (1 - JITTER + 2 * JITTER * share))


def tried_long_enough(first_tried_at: int | None, at: int) -> bool:
    """Whether a touch was put off for so long that it has failed."""
    return first_tried_at is not None and at - first_tried_at >= MOST_DAYS * 86400
