"""Mail as files: one `.eml` a mail in a folder, for looking at, or for another program to carry on.

Truly idempotent: the same touch is the same file, however often and wherever a run was killed.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import InputOutput
from nurture_cli.store.private import create_private, sync_directory

LONGEST_NAME = 100  # characters of the readable part


class OutboxMessenger:
    """Writes mails into one folder, readable only by its owner."""

    def __init__(self, folder: Path, *, crash_point: CrashPoint = go_on) -> None:
        self._folder = folder
        self._crash_point = crash_point

    def open(self) -> None:
        """Make the folder; raises InputOutput when that cannot be."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise InputOutput(f"The outbox {self._folder} cannot be written to.")
        except OSError as error:
            raise InputOutput(f"The outbox {self._folder} cannot be made: {error.strerror}.") from None

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Write the whole mail beside its place, then move it there."""
        place = self._folder / file_name(message)
        beside = place.with_suffix(".part")
        try:
            _write(beside, message.data)
        except OSError as error:
            return _failed(error)
        gone_on = False
        try:
            gone_on = point_of_no_return()
        finally:
            if not gone_on:
                beside.unlink(missing_ok=True)
        if not gone_on:
            return Receipt(Outcome.DEFERRED)
        try:
            beside.replace(place)
            self._crash_point("after_dot")
            sync_directory(self._folder)
        except OSError as error:  # at the next attempt it will be the same file
            return _failed(error)
        return Receipt(Outcome.ACCEPTED, reply=place.name)

    def close(self) -> None:
        """Nothing is held open."""


def file_name(message: Outgoing) -> str:
    """The name of a mail's file: its touch key for the eye, and a hash that tells installations apart."""
    eye = re.sub(r"[^A-Za-z0-9_-]+", "-", message.key)[:LONGEST_NAME].strip("-")
    whole = sha256(f"{message.key} {message.message_id}".encode()).hexdigest()
    return f"{eye}.{whole[:16]}.eml"


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
    return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=f"the file could not be written: {error.strerror}")
