"""What long work is busy with, and how far it is: on a terminal only, and on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from threading import Lock, Timer
from typing import TYPE_CHECKING

from nurture_cli.cli.output import is_terminal, terminal_width, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

Draw = Callable[[int, int | None], None]
SOON = 1.0  # seconds; what is over sooner needs no telling


@contextlib.contextmanager
def progress(what: str) -> Iterator[Draw]:
    """Yield a function that takes how much is done, and of how much if that is known; draws on standard error."""
    with contextlib.ExitStack() as stack:
        if not _can_draw():
            yield lambda done, total: None  # noqa: ARG005
            return
        bar: Progress | None = None

        def draw(done: int, total: int | None) -> None:
            nonlocal bar
            if bar is None:  # only work that takes a while loads what draws
                bar = stack.enter_context(_bar())
                bar.add_task(what, total=total)
            bar.update(bar.task_ids[0], completed=done, total=total)

        yield draw


class Working:
    """What a command is busy with where nobody can say how much is left."""

    def __init__(self) -> None:
        self._what = ""
        self._shown: Progress | None = None
        self._lock = Lock()
        self._timer: Timer | None = None
        self._over = False

    def say(self, what: str) -> None:
        """Say what comes next; it is shown once the work has taken a while."""
        with self._lock:
            self._what = what
            if self._shown is not None:
                self._shown.update(self._shown.task_ids[0], description=what)
            elif self._timer is None and not self._over and _can_draw():
                self._timer = Timer(SOON, self._show)
                self._timer.daemon = True
                self._timer.start()

    def _show(self) -> None:
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if not self._over:
                self._shown = _display(
                    SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
                )
                self._shown.add_task(self._what, total=None)
                self._shown.start()

    def end(self) -> None:
        """Take away what is shown."""
        with self._lock:
            self._over = True
            if self._timer is not None:
                self._timer.cancel()
            if self._shown is not None:
                self._shown.stop()
                self._shown = None


@contextlib.contextmanager
def working() -> Iterator[Working]:
    """Show, until the block ends, what it says that it is busy with."""
    work = Working()
    try:
        yield work
    finally:
        work.end()


def _can_draw() -> bool:
    return is_terminal(sys.stderr) and os.environ.get("TERM", "dumb") != "dumb"


def _display(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(
        file=sys.stderr,
        width=terminal_width(),
        height=100,  # with both given, the width is believed
        force_terminal=True,
        no_color=not wants_colour(sys.stderr),
        markup=False,
        highlight=False,
    )
    return Progress(*columns, console=console, transient=True)


def _bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}", markup=False)
    return _display(text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
