"""One connection at work: it takes the next claimed touch, renders, delivers and settles, until nothing is left.

It is a `Carrier`: `PointOfNoReturn` calls `look_and_mark`, `marked`, `take_back` and `settle_pending`, perhaps from the
thread of another connection, which holds the lock of `Shared` then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from nurture_cli.campaign.channels import Task
from nurture_cli.delivery.messenger import Anticipates, Blame, Messenger, Outcome, Outgoing, Receipt
from nurture_cli.errors import NurtureError
from nurture_cli.message.failure import RenderError
from nurture_cli.message.ingredients import for_contact
from nurture_cli.runner.context import Shared
from nurture_cli.runner.open_channel import OpenChannel
from nurture_cli.runner.point_of_no_return import PointOfNoReturn
from nurture_cli.runner.rendering import Job, Rendering
from nurture_cli.runner.settle import Attempt, Settled, settle
from nurture_cli.store import ledger
from nurture_cli.store.database import DiskFull, writing
from nurture_cli.store.journal_lines import TouchLine, encoded

SWIFT = 0.002  # seconds from an answer to the next point of no return

OTHER_TEXT = (
    "the text has changed since the attempt that may have arrived; use `touches resolve` once more, with resend to "
    "send the new text, or with failed to give it up"
)


class Dispatcher:
    """One connection and its share of a batch, worked off by one thread."""

    def __init__(
        self, shared: Shared, point: PointOfNoReturn, opened: OpenChannel, number: int, rendering: Rendering
    ) -> None:
        self._shared = shared
        self._db = shared.db
        self._context = shared.context
        self._counts = shared.counts
        self._point = point
        self._opened = opened
        self._number = number
        self._rendering = rendering
        self._anticipated = False  # whether the messenger asks what comes next
        self._fast = False  # whether the last delivery was
        self._answered = 0.0  # when the last fast answer came
        self._swift = False  # whether it was not long from there to the next point of no return
        self._job: Job | None = None  # in hand
        self._reached = False  # whether the touch in hand has come to its point of no return
        self._taken_back = False  # whether its mark was undone
        self._reserved: Job | None = None  # comes next, which the messenger may know already
        self._pending: Attempt | None = None  # answered; settled in one commit with the next point of no return
        self._verdicts: list[Settled] = []  # of what was settled in that commit, until it is on disk
        self._settled: list[Settled] = []  # on disk, and not counted yet

    def work(self) -> None:
        """Deliver what comes next until nothing is left, or nothing more is to be begun."""
        messenger = self._opened.messengers[self._number]
        if self._number not in self._opened.open:
            try:
                messenger.open()
            except NurtureError:  # fewer connections than we would like; the others carry on
                return
            self._opened.open.add(self._number)
        if isinstance(messenger, Anticipates):
            self._anticipated = True
            messenger.anticipate(self)
        try:
            while (found := self._next()) is not None:
                pause = self._deliver(messenger, *found)
                if pause:
                    self._shared.stop.wait(pause)
        finally:
            if isinstance(messenger, Anticipates):
                messenger.anticipate(None)
            if self._reserved is not None:
                self._rendering.put_first(self._reserved)
                self._reserved = None
            self._point.withdraw(self)
            self.settle_pending()

    def following(self) -> Outgoing | None:
        """The message that comes next if nothing happens; it is reserved for this connection from now on."""
        if self._reserved is None:
            self._reserved = self._rendering.take_ready()
        return None if self._reserved is None else self._reserved.message

    def meanwhile(self) -> None:
        """Let something be rendered, if the answer comes so fast that it is worth it."""
        if self._fast:
            self._rendering.meanwhile()

    def look_and_mark(self) -> TouchLine | None:
        """Inside `writing`: settle the touch before, look again, and mark this one; None: it must not go out."""
        job = self._in_hand()
        self._verdicts = self._settled_pending()
        now = self._context.clock.now()
        if not self._context.last_look.allows(self._db, job.due, now):
            return None
        ledger.mark_committing(self._db, job.entry, body_hash=job.body_hash, at=now)
        self._context.crash_point("before_pnr")
        return _line(job, self._context.run_id, now)

    def marked(self) -> None:
        """What was settled is on disk now; it is counted when the message in hand is on its way."""
        self._pending = None
        self._settled, self._verdicts = self._verdicts, []

    def take_back(self, line: TouchLine) -> None:
        """Undo the mark of the touch in hand: its line was counted, and could not be written."""
        job = self._in_hand()

        def act() -> list[Settled]:
            ledger.take_back(self._db, job.entry, self._context.clock.now())
            ledger.grow_journal(self._db, -len(encoded([line])))
            return []

        self._taken_back = True
        self._write(act)

    def settle_pending(self) -> None:
        """Settle what waits for the next point of no return, because there may be none for a while."""
        if self._pending is not None:
            self._write(self._settled_pending)

    def _next(self) -> tuple[Job, Outgoing] | None:
        """The next touch with its message; those that cannot be made are settled on the way."""
        while not self._shared.stopping and self._opened.why_closed is None and (job := self._take()) is not None:
            try:
                job = self._rendering.made(job, fast=self._fast, anticipated=self._anticipated)
            except RenderError as error:
                self._settle_broken(job, error.sentence)
                continue
            except Exception as error:  # one broken touch must not stop the others
                self._settle_broken(job, f"an error inside nurture while it was made ({type(error).__name__})")
                continue
            earlier = job.entry.body_hash
            if earlier is not None and (job.body_hash != earlier or job.asset.name != job.entry.asset):
                self._settle_broken(job, OTHER_TEXT)
                continue
            return job, _message(job)
        return None

    def _take(self) -> Job | None:
        """The touch that comes next."""
        job, self._reserved = self._reserved, None
        return job or self._rendering.take()

    def _in_hand(self) -> Job:
        if self._job is None:
            raise AssertionError("a connection without a touch came to a point of no return")
        return self._job

    def _deliver(self, messenger: Messenger, job: Job, message: Outgoing) -> float:
        """Deliver one message and settle the answer; returns the seconds to pause before the next one."""
        self._job, self._reached, self._taken_back = job, False, False
        began = time.monotonic()
        try:
            receipt = self._handed_over(messenger, message)
        except Exception as error:
            if self._reached:  # nobody knows what became of it; the next run parks it
                raise
            self._settle_broken(job, f"an error inside nurture while it was handed over ({type(error).__name__})")
            return 0.0
        self._fast = time.monotonic() - began < self._context.share_below
        if receipt.outcome is Outcome.ACCEPTED:
            self._context.crash_point("after_250")
        if receipt.outcome is Outcome.DEFERRED and receipt.blame is Blame.NOBODY:
            self._write(lambda: [*self._settled_pending(), *self._released(job)])
            return 0.0
        return self._settle_answer(job, self._opened.weigh(receipt))

    def _handed_over(self, messenger: Messenger, message: Outgoing) -> Receipt:
        try:
            return messenger.deliver(message, self._passes)
        finally:
            self._point.withdraw(self)
            settled, self._settled = self._settled, []
            self._tell(settled)

    def _passes(self) -> bool:
        """The point of no return of the touch in hand; asked by the messenger."""
        self._reached = True
        self._swift = time.monotonic() - self._answered < SWIFT
        if not self._point.passes(self):
            return False
        context = self._context
        context.crash_point("before_dot")
        if context.departures is not None:
            context.departures.note(self._in_hand().entry.id)
        context.crash_point("noted")
        return True

    def _settle_answer(self, job: Job, receipt: Receipt) -> float:
        """Settle an answer, now or with the next point of no return; returns the seconds to pause before that."""
        attempt = self._attempt_of(job, receipt)
        more = (
            (self._reserved is not None or len(self._rendering) > 0)
            and not self._shared.stopping
            and self._opened.why_closed is None
        )
        if receipt.outcome is Outcome.ACCEPTED and self._fast and more and not self._opened.pace.pause:
            self._pending = attempt
            self._answered = time.monotonic()
            if self._swift:
                self._point.announce(self)
        else:
            self._write(lambda: [*self._settled_pending(), settle(self._db, attempt)])
        return self._opened.pace.pause if more else 0.0

    def _attempt_of(self, job: Job, receipt: Receipt) -> Attempt:
        channel = self._opened.channel
        return Attempt(
            entry=job.entry,
            receipt=receipt,
            at=self._context.clock.now(),
            contact=job.contact,
            asset_hash=job.due.asset_hash,
            safely_again=channel.settings.redelivers_safely,
            body_hash=job.body_hash if channel.settings.keeps_keys else None,
            task=_task(_message(job).data.decode()) if isinstance(channel.settings, Task) else None,
        )

    def _settle_broken(self, job: Job, reason: str) -> None:
        """Settle a touch whose message could not be made, or never got out."""

        def act() -> list[Settled]:
            verdicts = self._settled_pending()
            now, made_from = self._context.clock.now(), for_contact(job.due.asset_hash, job.contact)
            ledger.settle_broken(self._db, job.entry, at=now, reason=reason, made_from=made_from)
            return [*verdicts, Settled.FAILED]

        self._write(act)

    def _released(self, job: Job) -> list[Settled]:
        """Release the claim of a touch that must not go out, unless its mark was taken back; inside `writing`."""
        if not self._taken_back:
            ledger.release(self._db, job.entry, self._context.clock.now())
        return []

    def _settled_pending(self) -> list[Settled]:
        """Settle what waits for the next commit, inside `writing`."""
        return [] if self._pending is None else [settle(self._db, self._pending)]

    def _write(self, act: Callable[[], list[Settled]]) -> None:
        """Settle in one transaction; with a full disk, once more in the room kept back, and then the run stops."""

        def transaction() -> list[Settled]:
            with writing(self._db):
                verdicts = act()
                self._context.crash_point("before_sent_commit")
                return verdicts

        ballast = self._context.ballast
        with self._shared.lock:
            try:
                verdicts = ballast.rescue(transaction)
            except NurtureError as error:
                self._counts.stop(error)
                return
            self._count(verdicts)
            self._context.crash_point("after_sent_commit")
            if ballast.released:
                words = "The disk is full. What was sent is recorded; nothing more was begun."
                self._counts.stop(DiskFull(words, "Make room."))

    def _count(self, verdicts: list[Settled]) -> None:
        """Count what was settled in a transaction that is on disk."""
        self._pending = None
        self._tell(verdicts)

    def _tell(self, verdicts: list[Settled]) -> None:
        if not verdicts:
            return
        with self._shared.telling:
            for verdict in verdicts:
                self._counts.add(verdict)
            # What shows the progress may have lost its terminal, which must not leave a mail in doubt.
            with suppress(BaseException):
                self._context.progress(self._counts)


def _message(job: Job) -> Outgoing:
    if job.message is None:
        raise AssertionError("a touch that is not rendered was to be delivered")
    return job.message


def _task(text: str) -> tuple[str, str]:
    """Title and body of a to-do, whose text has its title on the first line."""
    title, _, body = text.partition("\n\n")
    return title, body.strip()


def _line(job: Job, run_id: int, at: int) -> TouchLine:
    due = job.due
    return TouchLine(
        key=due.key,
        contact=job.contact.address_hash.hex(),
        campaign=due.campaign,
        step=due.step,
        hop=due.hop,
        asset=due.asset,
        family=due.family,
        once_scope=due.once_scope,
        channel=due.channel,
        reaches_contact=due.reaches_contact,
        stream=due.stream,
        due_at=due.due_at,
        campaign_hash=due.campaign_hash,
        asset_hash=due.asset_hash,
        body_hash=job.body_hash,
        message_id=job.message_id,
        run_id=run_id,
        at=at,
    )
