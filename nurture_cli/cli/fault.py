"""The log of a fault of ours: where it happened, with neither contact data nor secrets (R28, R29)."""

from __future__ import annotations

import os
import platform
import re
import tempfile
import traceback
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from nurture_cli import __version__
from nurture_cli.cli.inert import inert
from nurture_cli.clock import Clock
from nurture_cli.errors import NurtureError
from nurture_cli.places import find_project

_ADDRESS = re.compile(r"[^\s<>'\"(),;:=]+@[^\s<>'\"(),;:]+")
_SHORTEST_SECRET = 4  # shorter values would riddle the text with holes
_NO_SECRETS = re.compile(r"PATH|HOME|PWD|OLDPWD|LANG|LC_\w+|TERM|SHELL|USER|LOGNAME|VIRTUAL_ENV|PYTHON\w+|TZ|PS1")


def write_log(error: BaseException, argv: Sequence[str], clock: Clock) -> Path | None:
    """Write what happened to a file that only its owner can read; None if no folder takes it."""
    text = describe(error, argv)
    for folder in (*_project_folder(argv), Path(tempfile.gettempdir())):
        try:
            handle, name = tempfile.mkstemp(".log", f"nurture-fault-{clock.now()}-", folder)  # 0600
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Path(name)
    return None


def _project_folder(argv: Sequence[str]) -> list[Path]:
    """The `.nurture` folder of the project that is named, or around the current directory, if there is one."""
    named = next((after for word, after in pairwise(argv) if word == "--project"), ".")
    try:
        return [find_project(Path(named)) / ".nurture"]
    except (NurtureError, OSError):
        return []


def describe(error: BaseException, argv: Sequence[str]) -> str:
    """The traceback without local variables, every address and every value of the environment taken out."""
    words = next((word for word in argv if re.fullmatch(r"[a-z]+", word)), "")
    head = (
        f"nurture {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}\n"
        f"command: nurture {words}\n"
        f"options: {' '.join(word.partition('=')[0] for word in argv if re.match(r'--?[a-z]', word))}\n\n"
    )
    lines = "".join(traceback.format_exception(error)).splitlines()
    return scrubbed(head + "\n".join(inert(line) for line in lines) + "\n")


def scrubbed(text: str) -> str:
    """`text` without e-mail addresses and without the values of environment variables, where secrets live."""
    values = {
        value
        for name, value in os.environ.items()
        if len(value) >= _SHORTEST_SECRET and not _NO_SECRETS.fullmatch(name)
    }
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "<from the environment>")
    return _ADDRESS.sub("<address>", text)
