"""One channel in one run: its connections, how fast it goes, and when it is closed for the rest of the run."""

from __future__ import annotations

from threading import Lock

from nurture_cli.campaign.model import Channel
from nurture_cli.delivery.messenger import Blame, Messenger, Outcome, Receipt
from nurture_cli.errors import Busy, Findings, NurtureError
from nurture_cli.runner.pace import Pace
from nurture_cli.runner.settle import OURS, in_words


class Way:
    """A channel that is connected: the first messenger is open, others open when there is work for them."""

    def __init__(self, channel: Channel, messengers: list[Messenger], stop_after: int) -> None:
        self.channel = channel
        self.messengers = messengers
        self.open = {0}
        self.pace = Pace()
        self.closed: NurtureError | None = None
        self._stop_after = stop_after
        self._blame = Blame.NOBODY
        self._failures = 0
        self._one_at_a_time = Lock()

    def note(self, receipt: Receipt) -> None:
        """Take an answer into account: equal failures in a row that are not the contact's close the channel."""
        with self._one_at_a_time:
            self.pace.note(receipt)
            failed = receipt.outcome is not Outcome.ACCEPTED and receipt.blame in OURS
            self._failures = self._failures + 1 if failed and receipt.blame is self._blame else int(failed)
            self._blame = receipt.blame if failed else Blame.NOBODY
            if self._failures >= self._stop_after and self.closed is None:
                self.closed = self._reason(receipt)

    def _reason(self, receipt: Receipt) -> NurtureError:
        times = f"{self._failures} times in a row" if self._failures > 1 else "once"
        sentence = f"Channel {self.channel.name} failed {times} and was stopped, at last with: {in_words(receipt)}."
        if receipt.outcome is Outcome.REFUSED:
            return Findings(sentence, "This is about the sender, not the contacts: nobody was given up or suppressed.")
        return Busy(sentence, "Nobody was given up; the next run goes on.")
