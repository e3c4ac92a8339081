"""The notes of a run about what departs: each touch is noted in shared memory right before the act that delivers it.

A note costs no system call. It outlives the process, but neither the machine nor the container. So after a kill the
next run knows which touches past their point of no return never left: those without a note. It does not know where
notes are missing: on another machine, in another container, after a restart, or without shared memory. Nor does it
while their run may be alive: each run locks its notes as long as it lives. A backup or a snapshot of the disk has no
notes. The name of the file is random and recorded in the database, so that no run takes another's notes for its own.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from mmap import ACCESS_READ, PAGESIZE, mmap
from pathlib import Path

from nurture_cli.store.host import file_system
from nurture_cli.store.private import create_private

MEMORY = Path("/dev/shm")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NOTE = 8  # bytes of a touch's id
_HEAD = 128  # bytes


class Departures:
    """The notes of the run that is on; `name` is what the next run finds them by."""

    def __init__(self, name: str, handle: int, notes: mmap) -> None:
        self.name = name
        self._handle = handle
        self._notes = notes
        self._places = count(_HEAD, _NOTE)

    def note(self, touch_id: int) -> None:
        """Note that a touch departs now; any thread may call it."""
        place = next(self._places)
        self._notes[place : place + _NOTE] = touch_id.to_bytes(_NOTE, "little")

    def close(self) -> None:
        """Leave the notes to the next run."""
        self._notes.close()
        os.close(self._handle)

    def discard(self) -> None:
        """Remove the notes: every touch of the run is settled."""
        _remove(self.name)


class Departed:
    """What the notes of earlier runs say."""

    def __init__(self, known: Mapping[int, frozenset[int]], names: Mapping[int, str]) -> None:
        self._known = known
        self._names = names

    @property
    def runs(self) -> list[int]:
        """The runs that are over; their notes are of no more use once all touches are settled."""
        return list(self._names)

    def never_left(self, run_id: int, touch_id: int) -> bool:
        """Whether a touch that a run marked certainly never left; false where nobody knows."""
        noted = self._known.get(run_id)
        return noted is not None and touch_id not in noted

    def discard(self) -> None:
        """Remove the notes."""
        for name in self._names.values():
            _remove(name)


def begin_notes(most: int) -> Departures | None:
    """Notes for a run that will deliver `most` touches; None where none can be kept."""
    head = _head(name := secrets.token_hex(16))
    if head is None:
        return None
    size = -(-(_HEAD + _NOTE * most) // PAGESIZE) * PAGESIZE
    try:
        handle = create_private(_file(name))
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.posix_fallocate(handle, 0, size)  # memory that is missing later would end the process
        notes = mmap(handle, size)
        notes[:_HEAD] = head
    except OSError:
        os.close(handle)
        _remove(name)
        return None
    return Departures(name, handle, notes)


@contextmanager
def notes_of(names: Mapping[int, str]) -> Iterator[Departed]:
    """The notes of earlier runs, each with the name of its file; those of a run that lives are left alone."""
    known: dict[int, frozenset[int]] = {}
    over: dict[int, str] = {}
    with ExitStack() as held:
        for run_id, name in names.items():
            handle = _opened(name)
            if handle is not None:
                held.callback(os.close, handle)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                noted = _read(handle, name)
                if noted is not None:
                    known[run_id] = noted
            over[run_id] = name
        yield Departed(known, over)


def _opened(name: str) -> int | None:
    try:
        handle = os.open(_file(name), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        return handle
    os.close(handle)
    return None


def _read(handle: int, name: str) -> frozenset[int] | None:
    """The ids that were noted; None when these are not the notes of that run."""
    with suppress(OSError, ValueError), mmap(handle, 0, access=ACCESS_READ) as notes:
        if notes[:_HEAD] == _head(name):
            return frozenset(
                int.from_bytes(notes[place : place + _NOTE], "little") for place in range(_HEAD, len(notes), _NOTE)
            )
    return None


def _head(name: str) -> bytes | None:
    """How notes begin on this machine since it was started; None where its memory is not shared in the usual place."""
    try:
        boot = _BOOT.read_text("ascii").strip()
    except (OSError, UnicodeError):
        return None
    if not boot or file_system(MEMORY) != "tmpfs":
        return None
    return f"nurture departures\n{name}\n{boot}\n".encode().ljust(_HEAD, b"\0")


def _file(name: str) -> Path:
    return MEMORY / f"nurture-{Path(name).name}"


def _remove(name: str) -> None:
    with suppress(OSError):
        _file(name).unlink()
