"""A messenger that keeps its messages in memory, for days that are only simulated."""

from __future__ import annotations

from collections.abc import Callable

from nurture_cli.delivery.messenger import Outcome, Outgoing, Receipt

ACCEPTED = Receipt(Outcome.ACCEPTED)


def _agreeable(message: Outgoing) -> Receipt:  # noqa: ARG001  the signature of a script
    return ACCEPTED


class MemoryMessenger:
    """Accepts everything, or answers as `script` says; `accepted` and `attempted` list what it was given."""

    def __init__(self, script: Callable[[Outgoing], Receipt] = _agreeable) -> None:
        self._script = script
        self.attempted: list[Outgoing] = []
        self.accepted: list[Outgoing] = []

    def open(self) -> None:
        """Nothing to connect to."""

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Answer as scripted; the point of no return is passed only for what is accepted or in doubt."""
        self.attempted.append(message)
        receipt = self._script(message)
        if receipt.outcome in (Outcome.DEFERRED, Outcome.REFUSED):
            return receipt
        if not point_of_no_return():
            return Receipt(Outcome.DEFERRED)
        if receipt.outcome is Outcome.ACCEPTED:
            self.accepted.append(message)
        return receipt

    def close(self) -> None:
        """Nothing to close."""
