"""Sending what is due: touches are claimed in batches, delivered one by one, and settled.

The claims of a batch are on disk before any message of it is rendered. What is on disk when, and what follows from that
for a run that is killed, is in `docs/architecture.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from nurture_cli.campaign.model import Config
from nurture_cli.delivery.messenger import Messenger
from nurture_cli.errors import Busy, NurtureError
from nurture_cli.planner.plan import Due
from nurture_cli.project import Project
from nurture_cli.runner.briefs import asset_of
from nurture_cli.runner.commits import side_by_side
from nurture_cli.runner.context import RunContext, Shared
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.dispatcher import Dispatcher
from nurture_cli.runner.open_channel import OpenChannel
from nurture_cli.runner.point_of_no_return import PointOfNoReturn
from nurture_cli.runner.rendering import Job, Rendering, begin_ahead, go_on_with
from nurture_cli.runner.signals import listening
from nurture_cli.store import ledger
from nurture_cli.store.contacts import load_contacts
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.health import refuse_damaged_contacts

CLAIMS = 100  # touches that are claimed at a time for one connection
OPENING_PAUSES = (1.0, 4.0)  # seconds between attempts to connect, before a run does without the channel


def deliver(db: Connection, project: Project, due: Iterable[Due], context: RunContext) -> RunCounts:
    """Send what is due, in its order; the counts say what went wrong with a touch, a channel or the disk."""
    if project.config is None:
        raise AssertionError("a project without configuration is not sound")
    counts = RunCounts()
    with listening() as stop:
        sending = _Sending(Shared(db, context, counts, stop), project, project.config)
        try:
            sending.carry_all(due)
        finally:
            sending.close()
    counts.signal = stop.signal
    return counts


class _Sending:
    def __init__(self, shared: Shared, project: Project, config: Config) -> None:
        self._shared = shared
        self._point = PointOfNoReturn(shared)
        self._db = shared.db
        self._context = shared.context
        self._counts = shared.counts
        self._project = project
        self._config = config
        self._domain = config.sender.address.rpartition("@")[2]
        self._address_hash = self._context.keys.address_hasher()
        self._all_opened: dict[str, OpenChannel] = {}

    def carry_all(self, due: Iterable[Due]) -> None:
        size = CLAIMS * max((channel.settings.connections for channel in self._config.channels.values()), default=1)
        for batch in _batches(due, size):
            if self._shared.stopping:
                break
            self._carry(batch)
        for name in self._context.reopen:
            if not self._shared.stopping:
                self._open_channel(name)

    def close(self) -> None:
        for opened in self._all_opened.values():
            for messenger in opened.messengers:
                messenger.close()

    def _carry(self, batch: Sequence[Due]) -> None:
        """Claim a batch and deliver it, channel by channel; the claims of what was not tried are released."""
        all_opened = [
            opened for name in dict.fromkeys(touch.channel for touch in batch) if (opened := self._open_channel(name))
        ]
        names = {opened.channel.name for opened in all_opened}
        try:
            jobs = self._claim([touch for touch in batch if touch.channel in names], all_opened)
        except NurtureError as error:
            self._counts.stop(error)
            return
        for opened in all_opened:
            mine = [job for job in jobs if job.due.channel == opened.channel.name]
            if mine:
                rendering = Rendering(self._context, opened, mine, lambda: self._shared.stopping)
                some = range(min(len(opened.messengers), len(mine)))
                side_by_side([Dispatcher(self._shared, self._point, opened, number, rendering).work for number in some])
                self._release(rendering.left())
            if opened.why_closed is not None:
                self._counts.closed[opened.channel.name] = opened.why_closed

    def _open_channel(self, name: str) -> OpenChannel | None:
        """The channel, connected and logged in before anything is claimed for it; None when it carries nothing more."""
        if name in self._counts.closed:
            return None
        if name not in self._all_opened:
            channel = self._config.channels[name]
            first = self._context.messenger(channel)
            try:
                self._context.insist(channel)
                self._connect(first)
            except NurtureError as error:
                self._counts.closed[name] = error
                return None
            others = [self._context.messenger(channel) for _ in range(channel.settings.connections - 1)]
            self._all_opened[name] = OpenChannel(
                channel,
                [first, *others],
                self._config.limits.stop_after,
                run_id=self._context.run_id,
                blocked=name in self._context.reopen,
            )
        return self._all_opened[name]

    def _connect(self, messenger: Messenger) -> None:
        for pause in OPENING_PAUSES:
            try:
                messenger.open()
            except Busy:
                self._shared.stop.wait(pause)
                if self._shared.stopping:
                    raise
            else:
                return
        messenger.open()

    def _claim(self, batch: Sequence[Due], all_opened: Sequence[OpenChannel]) -> list[Job]:
        """Claim what may still go out, in one transaction."""
        if not batch:
            return []
        context, db = self._context, self._db
        now = context.clock.now()
        jobs = []
        context.crash_point("before_claim")
        with writing(db):
            contacts = load_contacts(db, [touch.contact_id for touch in batch])
            refuse_damaged_contacts(db, contacts.values(), self._address_hash)
            first = all_opened[0]
            begin_ahead(
                context,
                first,
                (
                    (touch, contacts[touch.contact_id], asset_of(self._project, touch.asset, touch.channel))
                    for touch in batch
                    if touch.channel == first.channel.name and touch.contact_id in contacts
                ),
            )
            room = {name: context.room(db, name, now) for name in {touch.channel for touch in batch}}
            for touch in batch:
                left = room[touch.channel]
                contact = contacts.get(touch.contact_id)
                if contact is None or left == 0 or not context.last_look.allows(db, touch, now):
                    continue
                message_id = context.keys.message_id(touch.key, self._domain)
                entry = ledger.claim(db, touch, message_id=message_id, run_id=context.run_id, at=now)
                if entry is not None:
                    room[touch.channel] = None if left is None else left - 1
                    asset = asset_of(self._project, touch.asset, touch.channel)
                    jobs.append(Job(touch, entry, contact, asset, message_id))
        go_on_with(context, jobs)
        self._counts.claimed += len(jobs)
        self._counts.held += len(batch) - len(jobs)
        context.crash_point("after_claim")
        return jobs

    def _release(self, jobs: Sequence[Job]) -> None:
        """Release the claims of what was not tried; if that fails, the next run does it."""
        if jobs:
            with suppress(NurtureError), writing(self._db):
                now = self._context.clock.now()
                for job in jobs:
                    ledger.release(self._db, job.entry, now)


def _batches(due: Iterable[Due], size: int) -> Iterator[list[Due]]:
    touches = iter(due)
    while batch := list(islice(touches, size)):
        yield batch
