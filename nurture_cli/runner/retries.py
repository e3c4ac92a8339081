"""When a touch that was put off is tried again, and after how long it has failed."""

from __future__ import annotations

from zlib import crc32

FIRST_RETRY = 5 * 60  # seconds; doubled at every attempt
LONGEST_RETRY = 4 * 3600
JITTER = 0.25  # of the delay, either way
MOST_DAYS = 5  # of trying, then it has failed


def next_try(key: str, attempts: int, at: int) -> int:
    """When to try a touch again after so many attempts (from 1): later each time, and not all at the same moment."""
    delay = min(LONGEST_RETRY, FIRST_RETRY << min(attempts - 1, 16))
    share = crc32(f"{key}/{attempts}".encode()) / 0xFFFFFFFF
    return at + round(delay * (1 - JITTER + 2 * JITTER * share))


def tried_long_enough(first_tried_at: int | None, at: int) -> bool:
    """Whether a touch was put off for so long that it has failed."""
    return first_tried_at is not None and at - first_tried_at >= MOST_DAYS * 86400
