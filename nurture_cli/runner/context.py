"""What a run needs besides the plan: time, secrets, witnesses, and the ways out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nurture_cli.campaign.model import Asset, Channel
from nurture_cli.clock import Clock
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Messenger, Outgoing
from nurture_cli.keys import Keys
from nurture_cli.planner.plan import Due
from nurture_cli.records import Contact
from nurture_cli.runner.counts import RunCounts
from nurture_cli.store.database import Ballast, Connection

if TYPE_CHECKING:
    from nurture_cli.runner.worker import Worker
    from nurture_cli.store.journal import Journal

SHARE_BELOW = 0.02  # seconds


class Renders(Protocol):
    """Makes the message of one touch at instant `at`, with the date of `today_at` in it; raises RenderError."""

    def message(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """A mail."""

    def document(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """What a webhook is told, or the text of a task."""


class Makes(Protocol):
    """One of the two."""

    def __call__(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The message."""


def maker(renderer: Renders, channel: Channel) -> Makes:
    """What makes the messages of a channel."""
    return renderer.message if channel.settings.is_mail else renderer.document


class LooksAgain(Protocol):
    """Tells whether a touch of the plan may still go out, inside a transaction on `db`."""

    def allows(self, db: Connection, due: Due, now: int) -> bool:
        """Whether it may go out at instant `now`."""


def _nobody_listens(counts: RunCounts) -> None:
    """Progress is of no interest."""


def _anything_goes(channel: Channel) -> None:
    """Every channel may carry what is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """One run.

    `insist` raises NurtureError when a channel must carry nothing as the files are. `room` tells how many touches it
    may still carry (None: any number). `messenger` makes one connection of a channel. `rest` is called instead of
    resting, where time is not real. A delivery that took less than `share_below` seconds shares the commit of its
    settling with the next point of no return; a slower one is settled at once. `worker` renders beside the run. The
    channels `reopen` are connected even when nothing is due for them.
    """

    run_id: int
    clock: Clock
    keys: Keys
    renderer: Renders
    worker: Worker | None = None
    reopen: Sequence[str] = ()
    last_look: LooksAgain
    insist: Callable[[Channel], None] = _anything_goes
    room: Callable[[Connection, str, int], int | None]
    messenger: Callable[[Channel], Messenger]
    journal: Journal | None = None
    ballast: Ballast | None = None
    crash_point: CrashPoint = go_on
    rest: Callable[[float], None] | None = None
    share_below: float = SHARE_BELOW
    progress: Callable[[RunCounts], None] = _nobody_listens
