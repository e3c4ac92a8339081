"""Where things are: the folder of a project, and what is in it."""

from __future__ import annotations

import os
from pathlib import Path

from nurture_cli.errors import WrongUsage

CONFIG_FILE = "nurture.yml"
CAMPAIGNS, TEMPLATES = "campaigns", "templates"
DATABASE = "nurture.db"
JOURNAL_FILE = "nurture.journal"  # beside the database


def find_project(start: Path) -> Path:
    """The nearest folder at or above `start` that has a nurture.yml; raises WrongUsage when there is none."""
    here = Path(os.path.abspath(start))  # noqa: PTH100  keeps a symlink's own way up, as a shell does
    if not here.is_dir():
        raise WrongUsage(f"There is no folder {start}.", "Name the folder of a project.")
    for folder in (here, *here.parents):
        if os.path.lexists(folder / CONFIG_FILE):
            return folder
    raise WrongUsage(
        f"{here} is not in a project: neither it nor a folder above it has a {CONFIG_FILE}.",
        "Make a project with `nurture init DIR`, or name its folder with `--project DIR`.",
    )
