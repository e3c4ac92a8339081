"""Files that only their owner may read, whatever the umask says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from nurture_cli.errors import InputOutput
from nurture_cli.ownership import give_back

MODE = 0o600


def create_private(path: Path, *, anew: bool = True) -> int:
    """Create the file and open it for reading and writing; with `anew`, raise FileExistsError when it exists."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | (os.O_EXCL if anew else 0)
    handle = os.open(path, flags, MODE)
    os.fchmod(handle, MODE)
    return handle


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Write a text file that replaces `path` as a whole, or not at all if the block raises.

    Raises InputOutput when it cannot be written.
    """
    if path.is_dir():
        raise InputOutput(f"{path} is a folder.", f"Name a file: {path / 'FILE'}")
    half = path.with_name(f".{path.name}.half")
    try:
        half.unlink(missing_ok=True)
        with os.fdopen(create_private(half), "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException as error:
        with suppress(OSError):
            half.unlink()
        if isinstance(error, OSError):
            raise InputOutput(f"{path} cannot be written: {error.strerror}.", give_back(path)) from error
        raise


def sync_directory(path: Path) -> None:
    """Make the names in the directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
