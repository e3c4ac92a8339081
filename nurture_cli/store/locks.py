"""The two locks beside a database: kernel locks that the death of their holder frees.

`<database>.run` is held for a whole run; `<database>.write` around every transaction that writes. A lock file may be
deleted at any time, so after locking, nurture checks that the locked file still has that name.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nurture_cli.errors import Busy, InputOutput
from nurture_cli.ownership import give_back
from nurture_cli.store.private import create_private

WRITE_SUFFIX = ".write"
RUN_SUFFIX = ".run"
_LONG = 2.0  # seconds of waiting after which the user learns why
_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02)  # seconds between two tries; the last one is repeated


def _silently() -> None:
    """Say nothing."""


_tell_of_waiting: Callable[[], None] = _silently


def tell_of_waiting(tell: Callable[[], None]) -> None:
    """From now on, `tell` is called once whenever another command's writing takes long."""
    global _tell_of_waiting
    _tell_of_waiting = tell


class Lock:
    """A lock that is held; `still_ours` tells whether its file was taken away meanwhile."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def still_ours(self) -> bool:
        """Whether the locked file is still the one that others would lock."""
        return _same_file(self._path, self._handle)

    def release(self) -> None:
        """Let others in."""
        os.close(self._handle)


def beside(path: Path, suffix: str) -> Path:
    """The file that belongs to the database at `path`, whichever link to it was named."""
    real = path.resolve()
    return real.with_name(real.name + suffix)


@contextmanager
def write_lock(path: Path, wait: float, file: Path | None = None) -> Iterator[None]:
    """Be the only writer of the database at `path`; raises Busy after `wait` seconds.

    Whoever writes often knows the lock's `file` already, which takes several system calls to find.
    """
    lock = _acquire(beside(path, WRITE_SUFFIX) if file is None else file, wait)
    if lock is None:
        raise Busy(
            f"Another command has been writing to {path} for more than {wait:g} seconds.",
            "Try again in a moment.",
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def run_lock(path: Path) -> Iterator[Lock]:
    """Be the only run on the database at `path`; raises Busy at once when there is another."""
    lock = _acquire(beside(path, RUN_SUFFIX), 0)
    if lock is None:
        raise Busy("Another run is using this database.", "Let it finish; the next run goes on from there.")
    try:
        yield lock
    finally:
        lock.release()


def _acquire(path: Path, wait: float) -> Lock | None:
    began = time.monotonic()
    tries, told = 0, False
    while True:
        handle = _open(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same_file(path, handle):
                return Lock(path, handle)
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited >= wait:
                os.close(handle)
                return None
            if waited >= _LONG and not told:
                _tell_of_waiting()
                told = True
            time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        except OSError as error:
            os.close(handle)
            raise InputOutput(f"The lock file {path} cannot be locked: {error.strerror}.") from error
        os.close(handle)
        tries += 1


def _open(path: Path) -> int:
    try:
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return create_private(path, anew=False)
    except OSError as error:
        raise InputOutput(f"The lock file {path} cannot be opened: {error.strerror}.", give_back(path)) from error


def _same_file(path: Path, handle: int) -> bool:
    try:
        named = path.stat()
    except OSError:
        return False
    held = os.fstat(handle)
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)
