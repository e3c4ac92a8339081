"""What a run needs besides the plan, and what all its connections share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Protocol

from nurture_cli.campaign.model import Asset, Channel
from nurture_cli.clock import Clock
from nurture_cli.delivery.crash_points import CrashPoint
from nurture_cli.delivery.messenger import Messenger, Outgoing
from nurture_cli.keys import Keys
from nurture_cli.planner.plan import Due
from nurture_cli.records import Contact
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.signals import Stop
from nurture_cli.store.database import Ballast, Connection

if TYPE_CHECKING:
    from nurture_cli.runner.worker import Worker
    from nurture_cli.store.departures import Departures
    from nurture_cli.store.journal import Journal

SHARE_BELOW = 0.02  # seconds


class Renders(Protocol):
    """Makes the message of one touch at instant `at`, with the date of `today_at` in it; raises RenderError."""

    def message(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """A mail."""

    def document(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The JSON for a webhook, or the text of a task."""


class Makes(Protocol):
    """Makes the messages of one channel: one of the two methods of `Renders`."""

    def __call__(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The message."""


def maker(renderer: Renders, channel: Channel) -> Makes:
    """The method of `renderer` that makes the messages of a channel."""
    return renderer.message if channel.settings.is_mail else renderer.document


class LooksAgain(Protocol):
    """Tells whether a touch of the plan may still go out, inside a transaction on `db`."""

    def allows(self, db: Connection, due: Due, now: int) -> bool:
        """Whether it may go out at instant `now`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What one run needs besides the plan.

    `worker` renders beside the run. The channels `reopen` are connected even when nothing is due for them. `insist`
    raises NurtureError when a channel must carry nothing as the files are. `room` tells how many touches a channel may
    still carry (None: any number). `messenger` makes one connection of a channel. `departures` is None where no notes
    can be kept. A delivery that took less than `share_below` seconds is settled in one commit with the next point of no
    return; a slower one is settled at once.
    """

    run_id: int
    clock: Clock
    keys: Keys
    renderer: Renders
    worker: Worker | None
    reopen: Sequence[str]
    last_look: LooksAgain
    insist: Callable[[Channel], None]
    room: Callable[[Connection, str, int], int | None]
    messenger: Callable[[Channel], Messenger]
    journal: Journal
    departures: Departures | None
    ballast: Ballast
    crash_point: CrashPoint
    progress: Callable[[RunCounts], None]
    share_below: float = SHARE_BELOW


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of a run share.

    Whoever holds `lock` is the only one to use the database; whoever holds `telling`, the only one to count.
    """

    db: Connection
    context: RunContext
    counts: RunCounts
    stop: Stop
    lock: AbstractContextManager[bool] = field(default_factory=RLock)
    telling: AbstractContextManager[bool] = field(default_factory=Lock)

    @property
    def stopping(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.stop.requested or self.counts.stopped_by is not None
