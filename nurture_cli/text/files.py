"""Files opened so that no link leads out of their folder, not even a link made between looking and opening."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath

MOST_LINKS = 8  # from link to link

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class LeadsAway(Exception):
    """A link whose target is not a file beside it; `target` is what the link says, and was not looked at."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


class NotAFile(Exception):
    """Not a regular file."""


def open_root(path: str) -> int:
    """A descriptor of a folder that the user names, links and all."""
    return os.open(path, _FOLDER)


def open_folder(name: str, above: int) -> int:
    """A descriptor of a folder inside another; raises LeadsAway when it is a link, or OSError."""
    if stat.S_ISLNK(_look(name, above).st_mode):
        raise LeadsAway(os.readlink(name, dir_fd=above))
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)


def open_file(name: str, folder: int, path: str) -> int:
    """A descriptor of the regular file `name` in the open `folder`, which is at `path`.

    A link is followed to a file beside it that has the same ending. Raises LeadsAway, NotAFile or OSError.
    """
    for _ in range(MOST_LINKS):
        mode = _look(name, folder).st_mode
        if not stat.S_ISLNK(mode):
            break
        target = os.readlink(name, dir_fd=folder)
        beside = _beside(target, path)
        if beside is None or PurePosixPath(beside).suffix != PurePosixPath(name).suffix:
            raise LeadsAway(target)
        name = beside
    else:
        raise OSError(0, "its links lead in a circle")
    if not stat.S_ISREG(mode):
        raise NotAFile
    handle = os.open(name, _FILE, dir_fd=folder)  # a link that has just been put there is not followed
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotAFile
    return handle


def _look(name: str, folder: int) -> os.stat_result:
    return os.stat(name, dir_fd=folder, follow_symlinks=False)


def _beside(target: str, path: str) -> str | None:
    """The name of the file in the folder at `path` that a link there means; None when it means another place."""
    place, name = os.path.split(os.path.normpath(PurePosixPath(path) / target))
    return name if place in (path, os.path.realpath(path)) and not target.endswith("/") else None
