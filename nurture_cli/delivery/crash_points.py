"""The named instants of a run at which tests kill the process, because its death makes a difference there."""

from __future__ import annotations

from collections.abc import Callable

CrashPoint = Callable[[str], None]

# Of one touch, in the order in which it passes them.
SENDING = (
    "before_claim",
    "after_claim",
    "before_pnr",
    "before_journal",  # the point of no return is on disk
    "after_journal",
    "before_dot",
    "noted",  # the delivery has not begun
    "after_dot",
    "after_250",
    "before_sent_commit",
    "after_sent_commit",
)
# Of the settling of what earlier runs left over.
LEFTOVERS = ("before_leftovers", "after_assumed", "after_unclaimed", "after_leftovers")


def go_on(name: str) -> None:
    """The crash point of every run that is no test: do nothing."""
