"""One connection at work: it takes the next claimed touch, renders, delivers and settles, until nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from nurture_cli.campaign.channels import Task
from nurture_cli.delivery.messenger import Anticipates, Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import NurtureError
from nurture_cli.message.failure import RenderError
from nurture_cli.message.ingredients import for_contact
from nurture_cli.runner.commits import Commits
from nurture_cli.runner.context import RunContext
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.open_channel import OpenChannel
from nurture_cli.runner.rendering import Job, Rendering
from nurture_cli.runner.settle import Attempt, Settled, settle
from nurture_cli.runner.signals import Stop
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, DiskFull, sole_writer, writing
from nurture_cli.store.journal_lines import TouchLine, encoded

# What is with the other side must be written down: worth a longer wait for another writer than a claim.
SETTLING_WAIT = 60.0

OTHER_TEXT = (
    "the text has changed since the attempt that may have arrived; use `touches resolve` once more, with resend to "
    "send the new text, or with failed to give it up"
)


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of a run have in common."""

    db: Connection
    context: RunContext
    counts: RunCounts
    stop: Stop
    commits: Commits[tuple[Dispatcher, Job], bool] = field(default_factory=lambda: Commits(pass_all))

    @property
    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.stop.requested or self.counts.fault is not None

    def rest(self, seconds: float) -> None:
        """Do nothing for a while, or until asked to stop."""
        (self.context.rest or self.stop.wait)(seconds)


class Dispatcher:
    """One connection and its share of a batch, worked off by one thread."""

    def __init__(self, shared: Shared, opened: OpenChannel, number: int, rendering: Rendering) -> None:
        self._shared = shared
        self._db = shared.db
        self._context = shared.context
        self._counts = shared.counts
        self._opened = opened
        self._number = number
        self._rendering = rendering
        self._anticipated = False  # whether the messenger asks what comes next
        self._fast = False  # whether the last delivery was
        self._asked = False  # whether the touch in hand has come to its point of no return
        self._taken_back: Job | None = None  # was marked and could not be witnessed
        self._reserved: Job | None = None  # comes next, which the messenger may know already
        self._pending: Attempt | None = None  # answered; settled in one commit with the next point of no return

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
                job, message = found
                began = time.monotonic()
                self._asked = False
                try:
                    receipt = messenger.deliver(message, partial(self._shared.commits.together, (self, job)))
                except Exception as error:
                    if self._asked:  # what became of it cannot be told; the next run will park it
                        raise
                    self._break(job, f"an error inside nurture while it was handed over ({type(error).__name__})")
                    continue
                self._fast = time.monotonic() - began < self._context.share_below
                if receipt.outcome is Outcome.ACCEPTED:
                    self._context.crash_point("after_250")
                rest = self._answered(job, receipt)
                if rest:
                    self._shared.rest(rest)
        finally:
            if isinstance(messenger, Anticipates):
                messenger.anticipate(None)
            self._flush()

    def following(self) -> Outgoing | None:
        """The message that comes next if nothing happens."""
        return None if self._reserved is None else self._reserved.message

    def meanwhile(self) -> None:
        """Have something rendered; not when it could take long."""
        if self._fast:
            self._rendering.meanwhile()

    def _next(self) -> tuple[Job, Outgoing] | None:
        """The next touch with its message; those that cannot be made are settled on the way."""
        while not self._shared.over and self._opened.closed is None and (job := self._take()) is not None:
            try:
                job = self._rendering.made(job, fast=self._fast, anticipated=self._anticipated)
            except RenderError as error:
                self._break(job, error.sentence)
                continue
            except Exception as error:  # one touch that we stumble over shall not stop all others
                self._break(job, f"an error inside nurture while it was made ({type(error).__name__})")
                continue
            earlier = job.entry.body_hash
            if earlier is not None and (job.body_hash != earlier or job.asset.name != job.entry.asset):
                self._break(job, OTHER_TEXT)
                continue
            return job, _message(job)
        return None

    def _take(self) -> Job | None:
        """The touch that comes next."""
        job, self._reserved = self._reserved, None
        return job or self._rendering.take()

    def _break(self, job: Job, reason: str) -> None:
        def act() -> list[Settled]:
            verdicts = self._settle_pending()
            now, made_from = self._context.clock.now(), for_contact(job.due.asset_hash, job.contact)
            ledger.settle_broken(self._db, job.entry, at=now, reason=reason, made_from=made_from)
            return [*verdicts, Settled.FAILED]

        self._write(act)

    def look_and_mark(self, job: Job) -> tuple[TouchLine | None, list[Settled]]:
        """Settle what waits, look again and mark the touch, inside `writing`; returns its line if it may go out."""
        verdicts = self._settle_pending()
        now = self._context.clock.now()
        if not self._context.last_look.allows(self._db, job.due, now):
            return None, verdicts
        ledger.commit(self._db, job.entry, body_hash=job.body_hash, at=now)
        self._context.crash_point("before_pnr")
        return _line(job, self._context.run_id, now), verdicts

    def _answered(self, job: Job, receipt: Receipt) -> float:
        """Settle an attempt, now or with the next one; returns how long to rest before that."""
        if receipt.outcome is Outcome.DEFERRED and receipt.blame is Blame.NOBODY:
            self._write(lambda: [*self._settle_pending(), *self._release(job)])
            return 0.0
        receipt = self._opened.judge(receipt)
        attempt = self._attempt(job, receipt)
        more = (
            (self._reserved is not None or len(self._rendering) > 0)
            and not self._shared.over
            and self._opened.closed is None
        )
        if receipt.outcome is Outcome.ACCEPTED and self._fast and more and not self._opened.pace.rest:
            self._pending = attempt
        else:
            self._write(lambda: [*self._settle_pending(), settle(self._db, attempt)])
        return self._opened.pace.rest if more else 0.0

    def _attempt(self, job: Job, receipt: Receipt) -> Attempt:
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

    def take_back(self, job: Job, line: TouchLine) -> None:
        """Give back a touch that was marked and will not be handed over: its line was counted and is not written."""

        def act() -> list[Settled]:
            ledger.take_back(self._db, job.entry, self._context.clock.now())
            ledger.grow_journal(self._db, -len(encoded([line])))
            return []

        self._taken_back = job
        self._write(act)

    def _release(self, job: Job) -> list[Settled]:
        if self._taken_back is not job:
            ledger.release(self._db, job.entry, self._context.clock.now())
        return []

    def _flush(self) -> None:
        """Settle what waits for the next point of no return, because there may be none for a while."""
        if self._reserved is not None:
            self._rendering.give_back(self._reserved)
            self._reserved = None
        if self._pending is not None:
            self._write(self._settle_pending)

    def _settle_pending(self) -> list[Settled]:
        return [] if self._pending is None else [settle(self._db, self._pending)]

    def _write(self, act: Callable[[], list[Settled]]) -> None:
        """One transaction of settlings; with a full disk, once more in the room kept back, and then the run ends."""

        def transaction() -> list[Settled]:
            with writing(self._db, SETTLING_WAIT):
                verdicts = act()
                self._context.crash_point("before_sent_commit")
                return verdicts

        ballast = self._context.ballast
        with self._shared.commits.alone:
            try:
                verdicts = ballast.rescue(transaction) if ballast else transaction()
            except NurtureError as error:
                self._fail(error)
                return
            self._settled(verdicts)
            self._context.crash_point("after_sent_commit")
            if ballast is not None and ballast.released:
                words = "The disk is full. What was sent is recorded; nothing more was begun."
                self._fail(DiskFull(words, "Make room."))

    def _settled(self, verdicts: list[Settled]) -> None:
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


def pass_all(asked: Sequence[tuple[Dispatcher, Job]]) -> list[bool]:
    """The point of no return of one touch of each of some connections, in one commit; False: it must not go out."""
    shared = asked[0][0]._shared
    for dispatcher, _ in asked:
        dispatcher._asked = True
    if shared.over:
        return [False] * len(asked)
    try:
        with sole_writer(shared.db, SETTLING_WAIT):
            data = b""
            with writing(shared.db):
                seen = [dispatcher.look_and_mark(job) for dispatcher, job in asked]
                lines = [line for line, _ in seen if line is not None]
                if shared.context.journal is not None and lines:
                    data = encoded(lines)
                    ledger.grow_journal(shared.db, len(data))
            witnessed = not lines or _witness(shared, data)
    except NurtureError as error:
        for dispatcher, _ in asked:
            dispatcher._fail(error)
            dispatcher._flush()  # with the room kept back, if that is what is missing
        return [False] * len(asked)
    for (dispatcher, _), (_, verdicts) in zip(asked, seen, strict=True):
        dispatcher._settled(verdicts)
        if dispatcher._anticipated:
            dispatcher._reserved = dispatcher._rendering.take_ready()
    shared.counts.held += len(seen) - len(lines)
    if not witnessed:
        for (dispatcher, job), (line, _) in zip(asked, seen, strict=True):
            if line is not None:
                dispatcher.take_back(job, line)
        return [False] * len(asked)
    if lines:
        shared.context.crash_point("after_journal")
        shared.context.crash_point("before_dot")
    return [line is not None for line, _ in seen]


def _witness(shared: Shared, data: bytes) -> bool:
    """Leave the lines in the journal, without which nothing may be handed over; inside `sole_writer`."""
    shared.context.crash_point("before_journal")
    try:
        if shared.context.journal is not None:
            shared.context.journal.write(data)
    except NurtureError as error:
        shared.counts.fault = shared.counts.fault or error
        return False
    return True


def _message(job: Job) -> Outgoing:
    if job.message is None:
        raise AssertionError("a touch that is not rendered was handed over")
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
