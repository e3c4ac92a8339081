"""Caps on the rendering of one message: a second of work, a million characters of output.

Time counts only while this thread works: a machine that is busy with other things is not the template's fault.
There are two guards. In any thread, every turn of a loop, every call, every included file and every operation on texts
looks at the watch, and no single operation can run long between two looks, because texts, numbers and lists have a
largest size. In the main thread an alarm signal follows a moment later, and interrupts whatever did not look.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import FrameType
from typing import Any, TypeVar

MAX_CHARACTERS = 1_000_000  # of one rendered text
MAX_SECONDS = 1.0  # for all texts of one message together
MAX_TURNS = 1000  # of `range`
MAX_VALUES = 10_000  # of one list, those of the lists in it counted as well
MAX_TOKENS = 10_000  # of one template: names, numbers, signs and stretches of text; Jinja takes 0.1 ms for each

_ALLOWANCE = 8 * MAX_CHARACTERS  # all text made on the way, also what is thrown away
_AFTER = 0.1  # seconds by which the alarm is later than the watch
_AGAIN = 0.1  # the alarm repeats until it is noticed: the first may come too early, or where exceptions are swallowed

T = TypeVar("T")


class TooLong(Exception):
    """A text grew over the cap."""


class TooSlow(Exception):
    """The time is up."""


class _Watch(threading.local):
    deadline = math.inf  # by the clock that always runs, which is quick to read
    worked = math.inf  # by the clock that runs while this thread works
    allowance = _ALLOWANCE
    armed = False


_watch = _Watch()


def calm() -> None:
    """Silence the alarm: an error was seen and is being handled."""
    _watch.armed = False


def check_time() -> None:
    """Raise TooSlow when the time is up."""
    if time.monotonic() > _watch.deadline and time.thread_time() > _watch.worked:
        raise TooSlow


def spend(characters: int) -> None:
    """Charge newly made text to the allowance, with a look at the watch; raises TooLong when it is used up."""
    check_time()
    _watch.allowance -= characters
    if characters > MAX_CHARACTERS or _watch.allowance < 0:
        raise TooLong


def paced(items: Iterable[T]) -> Iterator[T]:
    """The items, with a look at the watch before each."""
    for item in items:
        check_time()
        yield item


def capped_concat(parts: Iterable[str]) -> str:
    """The parts in one text; raises TooLong before it is made, not after."""
    # Small, however long the text: each part was charged, or is a part of the template itself.
    kept = list(islice(parts, MAX_CHARACTERS + 1))
    spend(max(sum(map(len, kept)), len(kept)))
    return "".join(kept)


def capped_range(*bounds: int) -> range:
    """Python's `range`, of at most MAX_TURNS numbers."""
    numbers = range(*bounds)
    if len(numbers) > MAX_TURNS:
        raise TooLong
    return numbers


def timed(value: T) -> T:
    """The value, after a look at the watch."""
    check_time()
    return value


def bounded(value: Any) -> Any:
    """The value; raises TooLong for a list with more than MAX_VALUES values in it and in the lists that it holds.

    A list that holds the same list twice, and so on, is small in memory and endless to walk through.
    """
    check_time()
    left = MAX_VALUES
    open_lists = [value]
    while open_lists:
        within = open_lists.pop()
        left -= len(within)
        if left < 0:
            raise TooLong
        items = (*within, *within.values()) if type(within) is dict else within
        open_lists += [item for item in items if isinstance(item, list | tuple | dict)]
    return value


class Limited:
    """A context in which this thread has `seconds`, and the allowance; not to be nested."""

    __slots__ = ("_alarmed", "_began", "_handler", "_seconds", "_timer")

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._seconds = seconds

    def __enter__(self) -> Limited:
        self._began = time.monotonic()
        _watch.deadline = self._began + self._seconds
        _watch.worked = time.thread_time() + self._seconds
        _watch.allowance = _ALLOWANCE
        self._alarmed = False
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            # A handler that Python did not install cannot be put back, so then the watch alone must do.
            self._handler: Callable[[int, FrameType | None], Any] | int | None = signal.getsignal(signal.SIGALRM)
            if self._handler is not None:
                self._alarmed = _watch.armed = True
                signal.signal(signal.SIGALRM, _ring)
                self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds + _AFTER, _AGAIN)
        return self

    def __exit__(self, *_: object) -> None:
        _watch.deadline = math.inf
        if not self._alarmed:
            return
        _watch.armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        left, every = self._timer
        if left:  # somebody else's alarm was running: it goes on
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - self._began), 1e-6), every)


def _ring(_number: int, _frame: FrameType | None) -> None:
    if _watch.armed and time.thread_time() > _watch.worked:
        raise TooSlow
