"""The touches of one batch that go through one channel, and their messages, made ahead where that saves time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock

from nurture_cli.campaign.model import Asset
from nurture_cli.message.outgoing import Outgoing, kept, split_kept
from nurture_cli.planner.plan import Due
from nurture_cli.records import Contact
from nurture_cli.runner.context import RunContext, maker
from nurture_cli.runner.open_channel import OpenChannel
from nurture_cli.runner.worker import Wish, Worker
from nurture_cli.store.ledger import Entry

# While a channel is fast, some messages are made in one go, as long as the code is in the processor's cache.
AHEAD = 16  # messages
AHEAD_SECONDS = 0.02  # after which no further one is begun
# One at a time is made while an answer is under way, when there is only waiting to do.
AHEAD_OF_ANSWER = 4  # messages that are ready then


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed touch; `message` and `body_hash`, as `kept` writes it, are there once it is rendered."""

    due: Due
    entry: Entry
    contact: Contact
    asset: Asset
    message_id: str
    message: Outgoing | None = None
    body_hash: str = ""


def begin_ahead(context: RunContext, opened: OpenChannel, touches: Iterable[tuple[Due, Contact, Asset]]) -> None:
    """Let the worker begin with the first messages of a batch for a channel, while the batch is claimed."""
    worker = context.worker
    if worker is not None and worker.alive and not opened.pace.pause:
        at, channel = context.clock.now(), opened.channel.name
        first = islice(touches, 2 * AHEAD)
        worker.ask([Wish(due.key, asset.name, channel, contact, at) for due, contact, asset in first])


def go_on_with(context: RunContext, jobs: Iterable[Job]) -> None:
    """Let go of what was begun for touches that were not claimed, or of which an earlier attempt may have arrived."""
    if context.worker is not None:
        context.worker.forget(but={job.entry.key for job in jobs if job.entry.body_hash is None})


class Rendering:
    """What all connections of a channel take their touches from, in order."""

    def __init__(
        self, context: RunContext, opened: OpenChannel, jobs: Iterable[Job], is_stopping: Callable[[], bool]
    ) -> None:
        self._context = context
        self._opened = opened
        self._jobs = deque(jobs)
        self._is_stopping = is_stopping
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        return len(self._jobs)

    def take(self) -> Job | None:
        """The touch that comes next."""
        with self._one_at_a_time:
            return self._jobs.popleft() if self._jobs else None

    def take_ready(self) -> Job | None:
        """The touch that comes next, if its message is made and needs no comparison with an earlier one."""
        with self._one_at_a_time:
            if not self._jobs or self._opened.pace.pause:
                return None
            job, worker = self._jobs[0], self._worker()
            if job.message is None and worker is not None and worker.has(job.entry.key):
                job = self._jobs[0] = self._made(job)
            return self._jobs.popleft() if job.message is not None and job.entry.body_hash is None else None

    def put_first(self, job: Job) -> None:
        """Let a touch that was taken, and not tried, come next again."""
        with self._one_at_a_time:
            self._jobs.appendleft(job)

    def left(self) -> list[Job]:
        """The touches that no connection has taken; call it when none takes any more."""
        with self._one_at_a_time:
            worker = self._worker()
            if worker is not None:
                worker.forget()
            return list(self._jobs)

    def made(self, job: Job, *, fast: bool, anticipated: bool) -> Job:
        """The touch with its message; also makes some that follow when the channel is `fast`, or one if `anticipated`.

        Raises RenderError, and whatever else goes wrong.
        """
        with self._one_at_a_time:
            worker = self._worker()
            if worker is not None:
                self._ask(worker, 2 * AHEAD if fast else 2)
            if job.message is not None:
                return job
            job = self._made(job)
            if self._worker() is None and (fast or anticipated):
                ahead = AHEAD if fast else 1
                self._make(ahead, most=ahead)
            return job

    def meanwhile(self) -> None:
        """Make a message or ask for some, while a fast channel answers."""
        with self._one_at_a_time:
            worker = self._worker()
            if worker is None:
                self._make(AHEAD_OF_ANSWER, most=1)
            else:
                self._ask(worker, 2 * AHEAD)

    def _worker(self) -> Worker | None:
        worker = self._context.worker
        return worker if worker is not None and worker.alive else None

    def _ask(self, worker: Worker, ahead: int) -> None:
        """Ask for more messages when few are in hand, but for those of which an earlier attempt may have arrived."""
        if worker.in_hand * 2 > ahead or self._opened.pace.pause:
            return
        channel, at = self._opened.channel.name, self._context.clock.now()
        wishes = [
            Wish(job.entry.key, job.asset.name, channel, job.contact, at)
            for job in islice(self._jobs, ahead)
            if job.message is None and job.entry.body_hash is None and not worker.knows(job.entry.key)
        ]
        if wishes:
            worker.ask(wishes)

    def _make(self, ahead: int, *, most: int) -> None:
        """Make at most `most` of the next messages here; one that cannot be made is met again when its turn comes."""
        if self._opened.pace.pause:
            return
        until = time.monotonic() + AHEAD_SECONDS
        for number in range(min(ahead, len(self._jobs))):
            if most == 0 or time.monotonic() > until or self._is_stopping():
                return
            if self._jobs[number].message is None:
                try:
                    self._jobs[number] = self._made(self._jobs[number])
                except Exception:
                    return
                most -= 1

    def _made(self, job: Job) -> Job:
        """The touch with its message: the very one that may have arrived before, if nothing has changed since."""
        worker = self._worker()
        if worker is not None and (made := worker.take(job.entry.key)) is not None:
            message, at = made
            return replace(job, message=message, body_hash=kept(message.body_hash, at))
        at = self._context.clock.now()
        earlier = job.entry.body_hash
        earlier_hash, today_at = ("", None) if earlier is None else split_kept(earlier)
        make = maker(self._context.renderer, self._opened.channel)
        message = make(job.asset, job.contact, key=job.entry.key, at=at, today_at=today_at)
        if earlier is not None and earlier_hash == message.body_hash:
            return replace(job, message=message, body_hash=earlier)
        return replace(job, message=message, body_hash=kept(message.body_hash, at))
