"""One transaction at a time for several connections; those that wait for it, or are about to, share the next one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

IN_TIME = 0.002  # seconds for which those who have come wait for others who were announced

_I = TypeVar("_I")
_T = TypeVar("_T")


class Commits(Generic[_I, _T]):
    """Acts for several threads in one transaction when they would wait for each other anyway."""

    def __init__(self, act: Callable[[Sequence[_I]], Sequence[_T]], lock: AbstractContextManager[bool]) -> None:
        """`act` takes some items and gives a result for each, in one transaction, while `lock` is held."""
        self._lock = lock
        self._act = act
        self._asked: deque[_Asked[_I, _T]] = deque()
        self._coming: set[_I] = set()

    def announce(self, item: _I) -> None:
        """Say that `item` will be asked for in an instant, so that others wait for it."""
        self._coming.add(item)

    def withdraw(self, item: _I) -> None:
        """Say that nobody need wait for `item` any more."""
        self._coming.discard(item)

    def together(self, item: _I) -> _T:
        """The result for `item`; all who ask while another transaction is on share the next, and what it raises.

        Those who are announced share it as well, if they come in time.
        """
        asked = _Asked[_I, _T](item)
        self._asked.append(asked)
        self._coming.discard(item)
        if self._coming:
            asked.wait(IN_TIME)
        if not asked.answered:
            with self._lock:
                if not asked.answered:
                    self._answer()
        if asked.error is not None:
            raise asked.error
        return asked.results[0]

    def _answer(self) -> None:
        """Act for all who have asked by now."""
        group = []
        while self._asked:
            group.append(self._asked.popleft())
        try:
            results = self._act([asked.item for asked in group])
        except BaseException as error:
            for asked in group:
                asked.error = error
        else:
            for asked, result in zip(group, results, strict=True):
                asked.results.append(result)
        for asked in group:
            asked.wake()


class _Asked(Generic[_I, _T]):
    """One item and what became of it."""

    __slots__ = ("_sleeping", "error", "item", "results")

    def __init__(self, item: _I) -> None:
        self.item = item
        self.results: list[_T] = []  # one, once there is one
        self.error: BaseException | None = None
        self._sleeping = threading.Lock()
        self._sleeping.acquire()

    def wait(self, seconds: float) -> None:
        """Wait until there is an answer, but no longer than that."""
        self._sleeping.acquire(timeout=seconds)

    def wake(self) -> None:
        """End `wait`."""
        self._sleeping.release()

    @property
    def answered(self) -> bool:
        return bool(self.results) or self.error is not None


def side_by_side(works: Sequence[Callable[[], None]]) -> None:
    """Run each of `works` in a thread of its own, a single one in this thread; raises what the first of them raised."""
    if len(works) == 1:
        works[0]()
        return
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
