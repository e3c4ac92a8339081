"""One connection at work: it takes the next claimed touch, renders, delivers and settles, until nothing is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from nurture_cli.campaign.model import Asset
from nurture_cli.delivery.channels import redelivers_safely
from nurture_cli.delivery.journal import Line
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import NurtureError
from nurture_cli.message.failure import RenderError
from nurture_cli.planner.plan import Due
from nurture_cli.reasons import Hold
from nurture_cli.records import Contact
from nurture_cli.runner.context import RunContext
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.funnel import Funnel
from nurture_cli.runner.settle import Attempt, Verdict, settle
from nurture_cli.runner.signals import Stop
from nurture_cli.runner.way import Way
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, DiskFull, writing
from nurture_cli.store.ledger import Entry

# What is with the other side must be written down: worth a longer wait for another writer than a claim.
SETTLING_WAIT = 60.0

OTHER_TEXT = (
    "the text is not that of the attempt that may have arrived; `touches resolve` it once more as resend to send the "
    "new text all the same, or as failed to give it up"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed touch, and its message once it is rendered."""

    due: Due
    entry: Entry
    contact: Contact
    asset: Asset
    message_id: str
    message: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of a run have in common."""

    db: Connection
    context: RunContext
    counts: RunCounts
    stop: Stop

    @property
    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.stop.requested or self.counts.fault is not None

    def rest(self, seconds: float) -> None:
        """Do nothing for a while, or until asked to stop."""
        (self.context.rest or self.stop.wait)(seconds)


class Carrier:
    """One connection and its share of a batch. All but `work` happens in the thread of the funnel's owner."""

    def __init__(self, shared: Shared, way: Way, number: int, queue: deque[Job]) -> None:
        self._shared = shared
        self._db = shared.db
        self._context = shared.context
        self._counts = shared.counts
        self._way = way
        self._number = number
        self._queue = queue
        self._asked = False  # whether the touch in hand has come to its point of no return
        self._pending: Attempt | None = None  # answered; settled in one commit with the next point of no return

    def work(self, funnel: Funnel) -> None:
        """Deliver from the queue until it is empty, or nothing more is to be begun."""
        messenger = self._way.messengers[self._number]
        if self._number not in self._way.open:
            try:
                messenger.open()
            except NurtureError:  # fewer connections than we would like; the others carry on
                return
            self._way.open.add(self._number)
        try:
            while (found := funnel.do(self._next)) is not None:
                job, message = found
                began = time.monotonic()
                self._asked = False
                try:
                    receipt = messenger.deliver(message, partial(funnel.do, partial(self._pass, job)))
                except Exception as error:
                    if self._asked:  # what became of it cannot be told; the next run will park it
                        raise
                    reason = f"a fault of nurture's own while it was handed over ({type(error).__name__})"
                    funnel.do(partial(self._break, job, reason))
                    continue
                fast = time.monotonic() - began < self._context.share_below
                if receipt.outcome is Outcome.ACCEPTED:
                    self._context.crash_point("after_250")
                rest = funnel.do(partial(self._answered, job, receipt, fast))
                if rest:
                    self._shared.rest(rest)
        finally:
            funnel.do(self._flush)

    def _next(self) -> tuple[Job, Outgoing] | None:
        """The next touch with its message; those that cannot be made are settled on the way."""
        while self._queue and not self._shared.over and self._way.closed is None:
            job = self._queue.popleft()
            try:
                message = self._render(job)
            except RenderError as error:
                self._break(job, error.sentence)
                continue
            except Exception as error:  # one touch that we stumble over shall not stop all others
                self._break(job, f"a fault of nurture's own while it was made ({type(error).__name__})")
                continue
            earlier = job.entry.body_hash
            if earlier is not None and (message.body_hash != earlier or job.asset.name != job.entry.asset):
                self._break(job, OTHER_TEXT)
                continue
            return replace(job, message=message), message
        return None

    def _render(self, job: Job) -> Outgoing:
        renderer, at = self._context.renderer, self._context.clock.now()
        make = renderer.message if self._way.channel.type in ("smtp", "outbox") else renderer.document
        return make(job.asset, job.contact, key=job.entry.key, at=at)

    def _break(self, job: Job, reason: str) -> None:
        def act() -> list[Verdict]:
            verdicts = self._settle_pending()
            ledger.settle_broken(self._db, job.entry, at=self._context.clock.now(), reason=reason)
            return [*verdicts, Verdict.FAILED]

        self._write(act)

    def _pass(self, job: Job) -> bool:
        """The point of no return: look again, leave a witness, mark the touch; False when it must not go out."""
        self._asked = True
        if self._shared.over:
            return False
        held: Hold | None = None
        try:
            with writing(self._db, SETTLING_WAIT):
                verdicts = self._settle_pending()
                now = self._context.clock.now()
                held = self._context.last_look.hold(self._db, job.due, now)
                if held is None:
                    self._mark(job, now)
        except NurtureError as error:
            self._fail(error)
            self._flush()  # with the room kept back, if that is what is missing
            return False
        self._settled(verdicts)
        if held is not None:
            self._counts.held += 1
            return False
        self._context.crash_point("before_dot")
        return True

    def _mark(self, job: Job, now: int) -> None:
        if job.message is None:
            raise AssertionError("a touch without a message was handed over")
        body_hash = job.message.body_hash
        self._context.crash_point("before_journal")
        if self._context.journal is not None:
            self._context.journal.write(_line(job, body_hash, self._context.run_id, now))
        self._context.crash_point("after_journal")
        ledger.commit(self._db, job.entry, body_hash=body_hash, at=now)
        self._context.crash_point("before_pnr")

    def _answered(self, job: Job, receipt: Receipt, fast: bool) -> float:
        """Settle an attempt, now or with the next one; returns how long to rest before that."""
        if receipt.outcome is Outcome.DEFERRED and receipt.blame is Blame.NOBODY:
            self._write(lambda: [*self._settle_pending(), *self._release(job)])
            return 0.0
        self._way.note(receipt)
        attempt = self._attempt(job, receipt)
        more = bool(self._queue) and not self._shared.over and self._way.closed is None
        if receipt.outcome is Outcome.ACCEPTED and fast and more and not self._way.pace.rest:
            self._pending = attempt
        else:
            self._write(lambda: [*self._settle_pending(), settle(self._db, attempt)])
        return self._way.pace.rest if more else 0.0

    def _attempt(self, job: Job, receipt: Receipt) -> Attempt:
        channel, message = self._way.channel, job.message
        if message is None:
            raise AssertionError("a touch without a message was answered")
        return Attempt(
            entry=job.entry,
            receipt=receipt,
            at=self._context.clock.now(),
            address_hash=job.contact.address_hash,
            safely_again=redelivers_safely(channel),
            body_hash=message.body_hash if channel.type == "webhook" else None,
            task=_task(message.data.decode()) if channel.type == "task" else None,
        )

    def _release(self, job: Job) -> list[Verdict]:
        ledger.release(self._db, job.entry, self._context.clock.now())
        return []

    def _flush(self) -> None:
        """Settle what waits for the next point of no return, because there may be none for a while."""
        if self._pending is not None:
            self._write(self._settle_pending)

    def _settle_pending(self) -> list[Verdict]:
        return [] if self._pending is None else [settle(self._db, self._pending)]

    def _write(self, act: Callable[[], list[Verdict]]) -> None:
        """One transaction of settlings; with a full disk, once more in the room kept back, and then the run ends."""

        def transaction() -> list[Verdict]:
            with writing(self._db, SETTLING_WAIT):
                verdicts = act()
                self._context.crash_point("before_sent_commit")
                return verdicts

        ballast = self._context.ballast
        try:
            verdicts = ballast.rescue(transaction) if ballast else transaction()
        except NurtureError as error:
            self._fail(error)
            return
        self._settled(verdicts)
        self._context.crash_point("after_sent_commit")
        if ballast is not None and ballast.released:
            self._fail(DiskFull("The disk is full. What was sent is recorded; nothing more was begun.", "Make room."))

    def _settled(self, verdicts: list[Verdict]) -> None:
        """What was written is on disk."""
        self._pending = None
        for verdict in verdicts:
            self._counts.add(verdict)
        if verdicts:
            # Whoever shows progress may have lost the terminal: never a reason to leave a mail in doubt.
            with suppress(BaseException):
                self._context.progress(self._counts)

    def _fail(self, error: NurtureError) -> None:
        if self._counts.fault is None:
            self._counts.fault = error


def _task(text: str) -> tuple[str, str]:
    """Title and body of a to-do, whose text has its title on the first line."""
    title, _, body = text.partition("\n\n")
    return title, body.strip()


def _line(job: Job, body_hash: str, run_id: int, at: int) -> Line:
    due = job.due
    return Line(
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
        body_hash=body_hash,
        message_id=job.message_id,
        run_id=run_id,
        at=at,
    )
