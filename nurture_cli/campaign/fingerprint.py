"""Tells whether a file of a project was written, without reading any of them."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from itertools import islice
from pathlib import Path

from nurture_cli import __version__
from nurture_cli.places import CAMPAIGNS, CONFIG_FILE, TEMPLATES
from nurture_cli.text.files import LeadsAway, open_folder, open_root

MOST_FILES = 10_000  # of one folder; far more than people write


def fingerprint(root: Path) -> str:
    """A fingerprint of the project's files; it differs when any of them was written.

    A link in a folder counts as what it says, for it is only followed to a file beside it, which counts itself. What
    cannot be looked at counts as that, for whoever reads it next to say why.
    """
    seen = [__version__]
    try:
        top = open_root(str(root))
    except OSError as error:
        seen.append(_unseen("", error))
    else:
        try:
            seen.append(_state(CONFIG_FILE, top, follow=True))
            for name in (CAMPAIGNS, TEMPLATES):
                seen += _folder(name, top)
        finally:
            os.close(top)
    return sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest()


def _folder(name: str, top: int) -> list[str]:
    try:
        folder = open_folder(name, top)
        try:
            with os.scandir(folder) as entries:
                files = [entry.name for entry in islice(entries, MOST_FILES + 1)]
            return [_state(name, top), *sorted(_state(file, folder) for file in files)]
        finally:
            os.close(folder)
    except LeadsAway as link:
        return [f"{name}\0{link.target}"]
    except OSError as error:
        return [_unseen(name, error)]


def _state(name: str, folder: int, *, follow: bool = False) -> str:
    try:
        state = os.stat(name, dir_fd=folder, follow_symlinks=follow)
        target = os.readlink(name, dir_fd=folder) if stat.S_ISLNK(state.st_mode) else ""
    except OSError as error:  # often an editor's file, already gone again
        return _unseen(name, error)
    return f"{name}\0{state.st_ino}\0{state.st_size}\0{state.st_mtime_ns}\0{target}"


def _unseen(name: str, error: OSError) -> str:
    return f"{name}\0{error.errno}"
