"""Mail as files: one `.eml` for each mail in a folder, to look at, or for another program to carry on.

A file's name says when, what and to whom, and ends with the identity of the touch. Only the identity is the same at
every attempt, so a file that has it already is replaced under the name it has.

A mail is on disk under a hidden name before the point of no return; then it is renamed. Past that point nothing else
takes the hidden name away. So if the process is killed at any instant, the folder says what became of the mail, even
when another program has carried the file away: the hidden name is there, or the mail was delivered.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import InputOutput
from nurture_cli.ownership import give_back
from nurture_cli.store.private import create_private, sync_directory

LONGEST_ASSET, LONGEST_ADDRESS = 48, 56  # characters; with them a name fits every file system

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFIT = re.compile(r"[^A-Za-z0-9@+._-]+")
_IDENTITY = re.compile(r"[0-9a-f]{16}(?=\.eml\Z)")


class OutboxMessenger:
    """Writes mails into one folder, readable only by its owner."""

    def __init__(self, folder: Path, *, crash_point: CrashPoint = go_on) -> None:
        self._folder = folder
        self._crash_point = crash_point
        self._there: dict[str, str] | None = None  # the files by identity; None: not looked at yet

    def open(self) -> None:
        """Make the folder; raises InputOutput when it cannot be made."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise InputOutput(f"The outbox {self._folder} cannot be written to.", give_back(self._folder))
        except OSError as error:
            raise InputOutput(
                f"The outbox {self._folder} cannot be made: {error.strerror}.", give_back(self._folder)
            ) from None

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Write the whole mail beside its place, then move it there."""
        mark = identity(message.key, message.message_id)
        hidden = _hidden(self._folder, mark)
        try:
            if self._there is None:
                self._there = _names_by_identity(self._folder)
            _write(hidden, message.data)
            sync_directory(self._folder)
        except OSError as error:
            return _failed(error)
        place = self._folder / self._there.setdefault(mark, file_name(message))
        if not point_of_no_return():
            # It stays hidden: if the mark cannot be taken back, a missing hidden file would mean "delivered".
            return Receipt(Outcome.DEFERRED)
        try:
            hidden.replace(place)
        except FileNotFoundError:
            words = "somebody took the file before it had its name"
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=words)
        except OSError as error:  # it stays hidden, for the next attempt or for the run after a death
            return _failed(error)
        self._crash_point("after_dot")
        try:
            sync_directory(self._folder)
        except OSError as error:
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=_words(error))
        return Receipt(Outcome.ACCEPTED, reply=place.name)

    def close(self) -> None:
        """Nothing is held open."""


def file_name(message: Outgoing) -> str:
    """The name of a mail's file: when it was made (UTC), the asset, the recipient, and the identity of the touch."""
    when = _EPOCH + timedelta(seconds=message.at)
    what, who = _legible(message.what, LONGEST_ASSET), _legible(message.recipient, LONGEST_ADDRESS)
    return f"{when:%Y-%m-%dT%H%MZ}_{what}_{who}_{identity(message.key, message.message_id)}.eml"


def identity(key: str, message_id: str) -> str:
    """What is the same at every attempt of a touch, and never the same for two touches or two installations."""
    return sha256(f"{key} {message_id}".encode()).hexdigest()[:16]


def was_delivered(folder: Path, key: str, message_id: str) -> bool | None:
    """Whether a touch past its point of no return got its file; None when there is no folder, so that nobody knows."""
    if not folder.is_dir():
        return None
    return not _hidden(folder, identity(key, message_id)).exists()


def _hidden(folder: Path, mark: str) -> Path:
    return folder / f".{mark}.part"


def _legible(text: str, most: int) -> str:
    return _UNFIT.sub("-", text)[:most].strip("-")


def _names_by_identity(folder: Path) -> dict[str, str]:
    with os.scandir(folder) as files:
        return {hit[0]: file.name for file in files if (hit := _IDENTITY.search(file.name))}


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # what a killed run left behind
    try:
        with os.fdopen(create_private(path), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _failed(error: OSError) -> Receipt:
    return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=_words(error))


def _words(error: OSError) -> str:
    return f"the file could not be written: {error.strerror}"
