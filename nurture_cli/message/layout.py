"""Layouts and partials: the files in templates/ whose names begin with `_`, and the built-in layouts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.piece import Piece

FOLDER = "templates/"
MARK = "_"
HTML_LAYOUT = "_layout.html"
TEXT_LAYOUT = "_layout.txt"

_FILES = Path(__file__).parent / "layouts"


def built_in_files() -> tuple[Path, ...]:
    """The layouts that come with nurture, as a start for a project's own."""
    return (_FILES / HTML_LAYOUT, _FILES / TEXT_LAYOUT)


@lru_cache(maxsize=2)
def built_in(name: str) -> Piece:
    """The layout of a project that has no file of this name; `init` writes the same one into templates/."""
    return Piece(f"(the built-in {name})", (_FILES / name).read_text("utf-8"))


def partials(sources: Mapping[str, str]) -> dict[str, Piece]:
    """Every layout and partial among a project's files, by file name."""
    return {
        file.removeprefix(FOLDER): Piece(file, text)
        for file, text in sources.items()
        if file.startswith(FOLDER) and written_in(file.removeprefix(FOLDER)) is not None
    }


def named_elsewhere(name: str, sources: Mapping[str, str]) -> bool:
    """Whether another template names this partial, so that it can be a part of a message."""
    return any(name in text for file, text in sources.items() if file.startswith(FOLDER) and file != FOLDER + name)


def written_in(name: str) -> BodyFormat | None:
    """The format of a layout or partial of this name; None when it cannot be one."""
    suffix = PurePosixPath(name).suffix.removeprefix(".")
    is_one = name.startswith(MARK) and "/" not in name and suffix in tuple(BodyFormat)
    return BodyFormat(suffix) if is_one else None
