"""To-dos for the marketer: rows of table `task`, written in the transaction that settles their touch."""

from __future__ import annotations

from collections.abc import Callable

from nurture_cli.delivery.messenger import Outcome, Outgoing, Receipt


class TaskMessenger:
    """Takes everything: the transaction that settles the touch also makes the task."""

    def open(self) -> None:
        """Nothing to connect to."""

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:  # noqa: ARG002
        """Agree, unless the touch is not due any more."""
        return Receipt(Outcome.ACCEPTED if point_of_no_return() else Outcome.DEFERRED)

    def close(self) -> None:
        """Nothing to close."""
