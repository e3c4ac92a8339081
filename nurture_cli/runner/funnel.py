"""Several connections, one writer: what touches the database or renders is done by the thread that began the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

_T = TypeVar("_T")


class Funnel:
    """Does acts in its owner's thread, whoever asks for them."""

    def __init__(self) -> None:
        self._owner = threading.get_ident()
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()

    def do(self, act: Callable[[], _T]) -> _T:
        """Do `act` in the owner's thread and return what it returns, or raise what it raises."""
        if threading.get_ident() == self._owner:
            return act()
        answer: Future[_T] = Future()
        self._asked.put((act, answer))
        return answer.result()

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
            asked = self._asked.get()
            if asked is None:
                at_work -= 1
            else:
                _answer(*asked)
        for thread in threads:
            thread.join()
        if troubles:
            raise troubles[0]

    def _work(self, work: Callable[[], None], troubles: list[BaseException]) -> None:
        try:
            work()
        except BaseException as error:
            troubles.append(error)
        finally:
            self._asked.put(None)


def _answer(act: Callable[[], Any], answer: Future[Any]) -> None:
    try:
        result = act()
    except BaseException as error:
        answer.set_exception(error)
    else:
        answer.set_result(result)
