"""A file that keeps some room on the disk, so that what was sent can still be recorded when the disk is full.

A disk fills up most often between a mail that left and its record. Then the file is deleted, and the record is tried
once more.
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
    """The room kept for the database at `path`; once it is `released`, the run stops at the next safe place."""

    def __init__(self, path: Path, messages: int = 1) -> None:
        """`messages`: how many can be under way at once, each of which needs a record."""
        self._file = beside(path, SUFFIX)
        self._size = SIZE * messages
        self.released = False

    def lay(self) -> None:
        """Write the file, before anything is sent; raises DiskFull when there is no room."""
        try:
            if self._file.exists() and self._file.stat().st_size == self._size:
                return
            handle = create_private(self._file, anew=False)
            try:
                os.ftruncate(handle, 0)
                # Random bytes, which no file system compresses or stores as a hole.
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
        """Do `act`; when the disk is full, delete the file and do it once more."""
        try:
            return act()
        except DiskFull:
            if self.released:
                raise
            self._file.unlink(missing_ok=True)
            self.released = True
            return act()
