"""Making a project: all of it, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

from nurture_cli.cli.answers import STARTER, Answers, config_text
from nurture_cli.cli.example import example_files
from nurture_cli.cli.made_files import make_folder, refuse_the_taken, undone_on_failure, write_new
from nurture_cli.cli.schemas import FOLDER, write_schemas
from nurture_cli.errors import Refused, WrongUsage
from nurture_cli.keys import KEY_FILE
from nurture_cli.message.layout import built_in_files
from nurture_cli.places import CONFIG_FILE, DATABASE, JOURNAL_FILE, TEMPLATES


def is_clone(folder: Path) -> bool:
    """Whether a project's own files are there already, so that only what version control does not keep is missing."""
    return os.path.lexists(folder / CONFIG_FILE)


def insist_on_room(folder: Path) -> None:
    """Raise WrongUsage or Refused where no project can be made."""
    if folder.exists() and not folder.is_dir():
        raise WrongUsage(f"{folder} is a file, not a folder.")
    if (folder / DATABASE).exists():
        raise Refused(f"{folder / DATABASE} exists already: this folder holds a project. Nothing was changed.")
    if (folder / JOURNAL_FILE).exists():
        raise Refused(
            f"{folder / JOURNAL_FILE} records mails that were sent from here, but the database is gone.",
            "Restore the database from a backup and run `nurture recover`: a new one would send them all again.",
        )


def starter(answers: Answers) -> dict[str, bytes]:
    """The files of a project that begins with one small campaign, by name."""
    goal = STARTER / answers.chosen.name
    files = {f"{TEMPLATES}/{path.name}": path.read_bytes() for path in built_in_files()}
    files |= {str(path.relative_to(goal)): path.read_bytes() for path in sorted(goal.rglob("*")) if path.is_file()}
    return files | {CONFIG_FILE: config_text(answers).encode()}


def example() -> dict[str, bytes]:
    """The files of the worked example, by name."""
    return {name: path.read_bytes() for name, path in example_files().items()}


def make_project(folder: Path, files: dict[str, bytes], *, now: int) -> list[str]:
    """Make the project and return the names of what was made; raises Refused when anything is in the way."""
    from nurture_cli.keys import create_key_file, read_keys
    from nurture_cli.store.create import create

    insist_on_room(folder)
    refuse_the_taken(folder, files, "Choose another folder.")
    with undone_on_failure() as made:
        make_folder(folder, made)
        for name, text in files.items():
            write_new(folder / name, text, made)
        _ignore(folder / ".gitignore", made)
        make_folder(folder / FOLDER, made)
        made.extend(write_schemas(folder / FOLDER))
        if not (folder / KEY_FILE).exists():
            create_key_file(folder)
            made.append(folder / KEY_FILE)
        create(folder / DATABASE, now, read_keys(folder))
        made.append(folder / DATABASE)
    return sorted(str(path.relative_to(folder)) for path in made if path.is_file())


def _ignore(path: Path, made: list[Path]) -> None:
    """Keep what belongs to this machine alone out of version control."""
    wanted = (STARTER / "gitignore").read_text("utf-8")
    if not path.exists():
        write_new(path, wanted.encode(), made)
        return
    text = path.read_text("utf-8", errors="surrogateescape")
    missing = [line for line in wanted.splitlines() if line not in text.splitlines()]
    if missing:
        gap = "" if text.endswith("\n") or not text else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(gap + "\n".join(missing) + "\n")
