"""Several connections, one writer: what touches the database or renders is done by the thread that began the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

_T = TypeVar("_T")
_I = TypeVar("_I")

_OnAll = Callable[[Sequence[_I]], Sequence[_T]]


class Owner:
    """The thread that made this does all acts, whoever asks for them."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()

    def is_mine(self) -> bool:
        """Whether the thread that asks is the owner's."""
        return threading.get_ident() == self._thread

    def do(self, act: Callable[[], _T]) -> _T:
        """Do `act` in the owner's thread and return what it returns, or raise what it raises."""
        if self.is_mine():
            return act()
        answer: _T = self._ask(_Asked(lambda _items: (act(),), None, alone=True))
        return answer

    def together(self, act: _OnAll[_I, _T], item: _I) -> _T:
        """Do `act` once with `item` and those of all others who ask for it meanwhile; its result for `item`.

        What it raises reaches all of them.
        """
        if self.is_mine():
            return act((item,))[0]
        answer: _T = self._ask(_Asked(act, item, alone=False))
        return answer

    def serve(self, works: Sequence[Callable[[], None]]) -> None:
        """Run each of `works`, several at once in threads of their own; raises what the first of them raised."""
        if len(works) == 1:
            works[0]()
            return
        troubles: list[BaseException] = []
        threads = [threading.Thread(target=self._work, args=(work, troubles), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        at_work = len(threads)
        while at_work:
            groups: dict[_OnAll[Any, Any], list[_Asked]] = {}
            for asked in self._by_now():
                if asked is None:
                    at_work -= 1
                elif asked.alone:
                    _answer((asked,))
                else:
                    groups.setdefault(asked.act, []).append(asked)
            for group in groups.values():
                _answer(group)
        for thread in threads:
            thread.join()
        if troubles:
            raise troubles[0]

    def _by_now(self) -> Iterator[_Asked | None]:
        """What is asked for, also while this is gone through; waits for the first."""
        yield self._asked.get()
        with suppress(Empty):
            while True:
                yield self._asked.get_nowait()

    def _ask(self, asked: _Asked) -> Any:
        self._asked.put(asked)
        asked.pending.acquire()
        if asked.error is not None:
            raise asked.error
        return asked.result

    def _work(self, work: Callable[[], None], troubles: list[BaseException]) -> None:
        try:
            work()
        except BaseException as error:
            troubles.append(error)
        finally:
            self._asked.put(None)


class _Asked:
    """One wish of one thread; `pending` is locked until it is answered."""

    __slots__ = ("act", "alone", "error", "item", "pending", "result")

    def __init__(self, act: _OnAll[Any, Any], item: Any, *, alone: bool) -> None:
        self.act = act
        self.item = item
        self.alone = alone
        self.result: Any = None
        self.error: BaseException | None = None
        self.pending = threading.Lock()
        self.pending.acquire()


def _answer(group: Sequence[_Asked]) -> None:
    try:
        results = group[0].act([asked.item for asked in group])
    except BaseException as error:
        for asked in group:
            asked.error = error
    else:
        for asked, result in zip(group, results, strict=True):
            asked.result = result
    for asked in group:
        asked.pending.release()
