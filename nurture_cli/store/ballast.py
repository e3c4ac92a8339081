"""A little room kept back on the disk, so that what was sent can still be written down when the disk is full.

A full disk strikes most often between the mail that went out and the record of it. The file beside the database is
given back to the disk at that moment, and the record is tried once more.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from nurture_cli.errors import InputOutput
from nurture_cli.ownership import give_back
from nurture_cli.store.faults import DiskFull, disk_full
from nurture_cli.store.locks import beside
from nurture_cli.store.private import create_private

SIZE = 64 * 1024  # bytes: what the record of one message takes at most in the write-ahead log, with some to spare
SUFFIX = ".ballast"
_T = TypeVar("_T")


class Ballast:
    """The room kept for the database at `path`; once `released` is true, stop at the next safe place."""

    def __init__(self, path: Path, messages: int = 1) -> None:
        """`messages`: how many may be with the other side at once, each of which is recorded by itself."""
        self._file = beside(path, SUFFIX)
        self._size = SIZE * messages
        self.released = False

    def lay(self) -> None:
        """Keep the room back, on disk; raises DiskFull when there is none, before anything is sent."""
        try:
            if self._file.exists() and self._file.stat().st_size == self._size:
                return
            handle = create_private(self._file, anew=False)
            try:
                os.ftruncate(handle, 0)
                # Bytes that no file system stores as a hole or compresses away.
                room = os.urandom(self._size)
                while room:
                    room = room[os.write(handle, room) :]
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            with suppress(OSError):
                self._file.unlink()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full(self._file) from error
            raise InputOutput(f"{self._file} cannot be written: {error.strerror}.", give_back(self._file)) from error

    def rescue(self, act: Callable[[], _T]) -> _T:
        """Do `act`; when the disk is full, give the room back and do it once more."""
        try:
            return act()
        except DiskFull:
            if self.released:
                raise
            self._file.unlink(missing_ok=True)
            self.released = True
            return act()
