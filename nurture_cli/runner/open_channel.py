"""One channel in one run: its connections, how fast it goes, and when it carries nothing more."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from threading import Lock

from nurture_cli.campaign.model import Channel
from nurture_cli.delivery.messenger import Blame, Messenger, Outcome, Receipt
from nurture_cli.errors import Busy, Findings, NurtureError
from nurture_cli.runner.pace import Throttle
from nurture_cli.runner.settle import OURS, in_words

LAST, TOO_MANY = 20, 10  # so many refusals among so many answers are hardly about the contacts


class OpenChannel:
    """A channel that is connected: the first messenger is open, others open when there is work for them.

    A channel that refuses one contact after the other is more likely broken itself (a blocked sender, a wrong route),
    and would have them all given up and suppressed. So beyond a share it is closed, and what it says of contacts is
    no longer believed. When the last run was `blocked`, it is believed only once it has taken something.
    """

    def __init__(
        self, channel: Channel, messengers: list[Messenger], stop_after: int, *, run_id: int = 0, blocked: bool = False
    ) -> None:
        self.channel = channel
        self.messengers = messengers
        self.open = {0}
        self.pace = Throttle()
        self.why_closed: NurtureError | None = None  # None: it is open
        self._stop_after = stop_after
        self._run_id = run_id
        self._believed = not blocked
        self._suppressed = False  # whether an address was suppressed because of its answers
        self._blame = Blame.NOBODY
        self._failures = 0
        self._refusals: deque[bool] = deque(maxlen=LAST)  # of the last answers, which of them refused a contact
        self._one_at_a_time = Lock()

    def weigh(self, receipt: Receipt) -> Receipt:
        """Take an answer into account, and return what to believe of it.

        Closes the channel after equal failures in a row that are not the contact's, and after too many refusals of
        contacts.
        """
        with self._one_at_a_time:
            self.pace.note(receipt)
            taken = receipt.outcome is Outcome.ACCEPTED
            refused = receipt.outcome is Outcome.REFUSED and receipt.blame not in OURS
            self._believed = self._believed or taken
            self._refusals.append(refused)
            if self._refusals.count(True) >= TOO_MANY:
                self._believed = False
                self.why_closed = self.why_closed or self._too_many(receipt)
            if refused and not self._believed:
                receipt = replace(receipt, blame=Blame.SENDER)
            self._suppressed = self._suppressed or (refused and receipt.blame is Blame.ADDRESS)
            failed = not taken and receipt.blame in OURS
            self._failures = self._failures + 1 if failed and receipt.blame is self._blame else int(failed)
            self._blame = receipt.blame if failed else Blame.NOBODY
            if self._failures >= self._stop_after and self.why_closed is None:
                self.why_closed = self._failing(receipt)
            return receipt

    def _too_many(self, receipt: Receipt) -> NurtureError:
        sentence = (
            f"Channel {self.channel.name} refused {self._refusals.count(True)} of the last {len(self._refusals)} "
            f"contacts for good, so the run stopped it; the last answer: {in_words(receipt)}."
        )
        hint = "Check the channel and the sender. No further contact was given up or suppressed."
        if self._suppressed:
            hint += (
                " To undo the suppressions of this run:\n"
                f'    nurture suppress remove --run {self._run_id} --why "the relay refused everybody"'
            )
        return Findings(sentence, hint)

    def _failing(self, receipt: Receipt) -> NurtureError:
        times = f"{self._failures} times in a row" if self._failures > 1 else "once"
        sentence = (
            f"Channel {self.channel.name} failed {times}, so the run stopped it; the last answer: {in_words(receipt)}."
        )
        if receipt.outcome is Outcome.REFUSED:
            return Findings(
                sentence, "The problem is the sender, not the contacts: no contact was given up or suppressed."
            )
        return Busy(sentence, "No contact was given up; the next run goes on.")
