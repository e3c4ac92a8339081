"""The named instants of a send at which a death of the process makes a difference; tests die at each of them."""

from __future__ import annotations

from collections.abc import Callable

CrashPoint = Callable[[str], None]

# In the order in which one touch passes them; recovery has its own.
SENDING = (
    "before_claim",
    "after_claim",
    "before_pnr",
    "before_journal",  # the point of no return is on disk
    "after_journal",
    "before_dot",  # the act has not begun
    "after_dot",
    "after_250",
    "before_sent_commit",
    "after_sent_commit",
)
RECOVERING = ("before_recovery", "after_assumed", "after_unclaimed", "after_recovery")


def go_on(name: str) -> None:
    """Do nothing: nobody dies here in earnest."""
