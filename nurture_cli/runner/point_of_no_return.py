"""The point of no return of a touch, after which its message may be delivered.

`PointOfNoReturn` takes each touch past it: it looks again whether the touch may go out, marks it as committing, and
writes its line into the journal. Connections that get there at the same time share one commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nurture_cli.errors import NurtureError
from nurture_cli.runner.commits import Commits
from nurture_cli.runner.context import Shared
from nurture_cli.store import ledger
from nurture_cli.store.database import sole_writer, writing
from nurture_cli.store.journal_lines import TouchLine, encoded


class Carrier(Protocol):
    """A connection with a touch in hand that has come to its point of no return."""

    def look_and_mark(self) -> TouchLine | None:
        """Inside `writing`: settle the touch before, look again, and mark this one; None: it must not go out."""

    def marked(self) -> None:
        """Count what was settled: the transaction is on disk."""

    def take_back(self, line: TouchLine) -> None:
        """Undo the mark of a touch whose line could not be written."""

    def settle_pending(self) -> None:
        """Settle the touch before in a transaction of its own, because this one failed."""


class PointOfNoReturn:
    """Where the connections of a run come together; one of their threads acts for all who wait."""

    def __init__(self, shared: Shared) -> None:
        self._db = shared.db
        self._shared = shared
        self._commits = Commits(self._pass_all, shared.lock)

    def announce(self, carrier: Carrier) -> None:
        """Say that a carrier comes here in an instant, so that others who are here share a commit with it."""
        self._commits.announce(carrier)

    def withdraw(self, carrier: Carrier) -> None:
        """Say that nobody need wait for a carrier."""
        self._commits.withdraw(carrier)

    def passes(self, carrier: Carrier) -> bool:
        """Whether the touch in hand may be delivered: its mark is on disk, and its line is in the journal."""
        return self._commits.together(carrier)

    def _pass_all(self, carriers: Sequence[Carrier]) -> list[bool]:
        shared, none_passes = self._shared, [False] * len(carriers)
        if shared.stopping:
            return none_passes
        try:
            with sole_writer(self._db):
                lines, data = self._mark(carriers)
                witnessed = not data or self._write(data)
        except NurtureError as error:
            shared.counts.stop(error)
            for carrier in carriers:
                carrier.settle_pending()  # in the room kept back, if that is what is missing
            return none_passes
        for carrier in carriers:
            carrier.marked()
        shared.counts.held += lines.count(None)
        if not witnessed:
            for carrier, line in zip(carriers, lines, strict=True):
                if line is not None:
                    carrier.take_back(line)
            return none_passes
        if data:
            shared.context.crash_point("after_journal")
        return [line is not None for line in lines]

    def _mark(self, carriers: Sequence[Carrier]) -> tuple[list[TouchLine | None], bytes]:
        """Mark what may go out, and record how much the journal will grow by its lines, in one commit."""
        with writing(self._db):
            lines = [carrier.look_and_mark() for carrier in carriers]
            data = encoded(line for line in lines if line is not None)
            if data:
                ledger.grow_journal(self._db, len(data))
        return lines, data

    def _write(self, data: bytes) -> bool:
        """Leave the lines in the journal, without which nothing may be delivered; inside `sole_writer`."""
        self._shared.context.crash_point("before_journal")
        try:
            self._shared.context.journal.write(data)
        except NurtureError as error:
            self._shared.counts.stop(error)
            return False
        return True
