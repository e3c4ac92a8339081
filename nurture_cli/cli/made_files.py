"""Files that a command makes: all of them, or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nurture_cli.errors import Refused


def refuse_the_taken(folder: Path, names: Iterable[str], help: str) -> None:
    """Raise Refused when something has one of these names already, even a broken link."""
    for name in names:
        if os.path.lexists(folder / name):
            raise Refused(f"{folder / name} exists already. Nothing was changed.", help)


@contextlib.contextmanager
def undone_on_failure() -> Iterator[list[Path]]:
    """Collects what is made, and removes it again when something fails."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, as far as they are not there."""
    for place in (*reversed(folder.parents), folder):
        if not place.exists():
            place.mkdir()
            made.append(place)


def write_new(path: Path, text: bytes, made: list[Path]) -> None:
    """Write a file that is not there yet, in a folder that may not be there either."""
    make_folder(path.parent, made)
    with path.open("xb") as file:
        made.append(path)
        file.write(text)
