"""A progress bar for long work, on a terminal only."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from nurture_cli.cli.output import is_terminal, terminal_width, wants_colour

Advance = Callable[[int], None]


@contextlib.contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """Yields a function to call with the number of things done since the last call; draws on standard error."""
    if not is_terminal(sys.stderr) or os.environ.get("TERM", "dumb") == "dumb":
        yield lambda count: None  # noqa: ARG005
        return

    from rich.console import Console  # noqa: TID251  cli is the door to rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(
        file=sys.stderr,
        width=terminal_width(),
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
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
