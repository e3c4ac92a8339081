"""Why nothing is due or goes out, in words: the same in a plan and after a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nurture_cli.cli.inert import inert
from nurture_cli.cli.times import written

if TYPE_CHECKING:
    from nurture_cli.explain.held_back import HeldBack
    from nurture_cli.explain.nothing_due import Why

MOST = 3  # reasons for people; JSON has them all


def reasons_in_words(why: Sequence[Why]) -> Iterator[str]:
    """A line for each of the first reasons, with what to do about it."""
    for one in why[:MOST]:
        yield inert(f"  {one.sentence} {one.next}".rstrip())


def held_in_words(held: Sequence[HeldBack], zone: str) -> str:
    """Why touches are held back and until when, the first reasons in one clause."""
    from nurture_cli.reasons import Hold

    if len(held) == 1:
        (one,) = held
        return (" " if one.first == one.last else ", ").join([Hold(one.reason).why, *_until(one, zone)])
    told = [f"{Hold(one.reason).why} ({', '.join([f'{one.count:,}', *_until(one, zone)])})" for one in held[:MOST]]
    rest = sum(one.count for one in held[MOST:])
    return ", ".join([*told, *([f"other reasons ({rest:,})"] if rest else [])])


def _until(one: HeldBack, zone: str) -> Iterator[str]:
    if one.first is not None:
        yield f"{'until' if one.first == one.last else 'the first until'} {written(one.first, zone)}"
