"""Files of a project that belong to another user, as `sudo nurture` leaves them behind, and how to get them back."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from nurture_cli.places import CONFIG_FILE

ROOT = 0


def give_back(*paths: Path) -> str | None:
    """Who owns those of the paths that cannot be used, and the command that makes them yours; None: nobody else does.

    Of a path that does not exist, the folder counts in which it cannot be made.
    """
    foreign = list(dict.fromkeys(place for path in paths if (place := _foreign(path.absolute())) is not None))
    if not foreign:
        return None
    first = foreign[0]
    owner = first.stat().st_uid
    folder = _project(first)
    if folder is None and first.is_dir():  # the system's, perhaps
        return f"{first} belongs to {_user(owner)}. Choose a folder that you may write to."
    cause = ", so nurture was probably run with sudo" if owner == ROOT else ""
    said = f"{first} belongs to {_user(owner)}{cause}."
    if folder is not None:
        return f"{said} To make it yours, run: sudo chown -R {_myself()} {shlex.quote(str(folder))}"
    files = shlex.join(str(place) for place in foreign if not place.is_dir())
    return f"{said} To make it yours, run: sudo chown {_myself()} {files}"


def _foreign(path: Path) -> Path | None:
    """The path, or the folder that it is in, when it is another user's and may not be written to."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner != os.geteuid() and not os.access(place, os.R_OK | os.W_OK) and not _read_only(place):
            return place
        if place != path:  # the folder of a missing file
            return None
    return None


def _read_only(place: Path) -> bool:
    return bool(os.statvfs(place).f_flag & os.ST_RDONLY)


def _project(path: Path) -> Path | None:
    """The folder of the project that the path is in: what is outside of one is not for us to give away."""
    return next((folder for folder in (path, *path.parents) if os.path.lexists(folder / CONFIG_FILE)), None)


def _myself() -> str:
    import grp

    try:
        group = grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        group = str(os.getegid())
    return f"{_user(os.geteuid())}:{group}"


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
