"""Why nothing is due, on paper: the same in a plan and after a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nurture_cli.cli.inert import inert

if TYPE_CHECKING:
    from nurture_cli.planner.nothing_due import Why

MOST = 3  # reasons for people; JSON has them all


def reasons_in_words(why: Sequence[Why]) -> Iterator[str]:
    """A line for each of the first reasons, with what to do about it."""
    for one in why[:MOST]:
        yield inert(f"  {one.sentence} {one.next}".rstrip())
