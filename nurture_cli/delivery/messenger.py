"""What the runner asks of a messenger, and what it gets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from nurture_cli.message.outgoing import Outgoing as Outgoing


class Outcome(StrEnum):
    """What became of one attempt."""

    ACCEPTED = "accepted"  # the other side took responsibility
    DEFERRED = "deferred"  # not taken, may be tried again (4xx, connection lost before the final dot)
    REFUSED = "refused"  # not taken, for good (5xx)
    UNKNOWN = "unknown"  # the final dot left, no readable answer came


class Blame(StrEnum):
    """Whom a refusal concerns: only ADDRESS suppresses, only SENDER and CONNECTION may close the channel."""

    NOBODY = "nobody"
    ADDRESS = "address"  # 5.1.x about the recipient: dead address
    MAILBOX = "mailbox"  # 5.2.x: full, disabled
    MESSAGE = "message"  # this message: size, content
    SENDER = "sender"  # our set-up: authentication, policy, reputation, rate
    CONNECTION = "connection"  # network or server trouble


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one attempt; `reply` is the other side's words, cleaned for a terminal."""

    outcome: Outcome
    blame: Blame = Blame.NOBODY
    code: int | None = None
    enhanced: str | None = None
    reply: str = ""


class Messenger(Protocol):
    """Carries messages out, one at a time; one instance per connection, used by one thread."""

    def open(self) -> None:
        """Connect and log in, before anything is claimed; raises Busy or Misconfigured."""

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Deliver one message.

        Calls `point_of_no_return` at most once, after everything is ready and just before the act that makes the
        other side responsible (the final dot, the rename, the POST). If it returns False, or was not called, nothing
        is delivered; the first is answered with DEFERRED, blame NOBODY. Never raises for anything the other side does.
        """

    def close(self) -> None:
        """Say goodbye; never raises."""


class Ahead(Protocol):
    """Tells a messenger what comes after the message in hand."""

    def following(self) -> Outgoing | None:
        """The message that comes next if nothing happens; asked before a point of no return."""

    def meanwhile(self) -> None:
        """Use the time while an answer is under way, but not for long."""


@runtime_checkable
class Anticipates(Protocol):
    """A messenger that saves time when it knows what comes next."""

    def anticipate(self, ahead: Ahead | None) -> None:
        """Ask `ahead` about it from now on; None: nothing is known."""
