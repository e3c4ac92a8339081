"""A progress bar for long work, on a terminal only."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from nurture_cli.cli.output import is_terminal, terminal_width, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress

Draw = Callable[[int, int | None], None]


@contextlib.contextmanager
def progress(what: str) -> Iterator[Draw]:
    """Yield a function that takes how much is done, and of how much if that is known; draws on standard error."""
    with contextlib.ExitStack() as stack:
        if not is_terminal(sys.stderr) or os.environ.get("TERM", "dumb") == "dumb":
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


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(
        file=sys.stderr,
        width=terminal_width(),
        height=100,  # with both given, the width is believed
        force_terminal=True,
        no_color=not wants_colour(sys.stderr),
        markup=False,
        highlight=False,
    )
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)
