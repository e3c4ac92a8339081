"""Signals: the first one asks a run to stop at the next safe place, the second one ends it at once."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether, and by which signal, the run was asked to stop."""

    def __init__(self) -> None:
        self.signal: int | None = None
        # A pipe, because a lock must not be taken in a signal handler: the thread it interrupts may hold it.
        self._asked, self._ask = os.pipe()

    @property
    def requested(self) -> bool:
        """Whether to stop."""
        return self.signal is not None

    def request(self, number: int) -> None:
        """Ask to stop; safe in a signal handler."""
        if self.signal is None:
            self.signal = number
            os.write(self._ask, b"!")

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until asked to stop."""
        select.select([self._asked], [], [], seconds)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._asked)
        os.close(self._ask)


@contextmanager
def listening() -> Iterator[Stop]:
    """Listen for signals, which only the main thread can do. SIGHUP stays ignored under nohup."""
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the system's signature
        if stop.requested:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        stop.request(number)

    former = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                former[number] = signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        stop.close()
