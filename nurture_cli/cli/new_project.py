"""Making a project: all of it, or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from nurture_cli.campaign.notations import parse_zone
from nurture_cli.cli.example import example_files
from nurture_cli.cli.schemas import FOLDER, write_schemas
from nurture_cli.errors import Refused, WrongUsage
from nurture_cli.keys import KEY_FILE
from nurture_cli.message.layout import built_in_files
from nurture_cli.places import CONFIG_FILE, DATABASE, JOURNAL_FILE, TEMPLATES

STARTER = Path(__file__).parent / "starter"
STARTER_FILES = ("campaigns/welcome.yml", "templates/welcome.md", CONFIG_FILE)

_LOCALTIME = Path("/etc/localtime")


def make_project(folder: Path, *, example: bool, now: int) -> list[str]:
    """Make the project and return the names of what was made; raises Refused when anything is in the way."""
    from nurture_cli.keys import create_key_file, read_keys
    from nurture_cli.store.database import create

    if folder.exists() and not folder.is_dir():
        raise WrongUsage(f"{folder} is a file, not a folder.")
    files = _wanted(folder, example)
    _refuse_the_taken(folder, files)
    with _undone_on_failure() as made:
        _make_folder(folder, made)
        for name, text in files.items():
            _make_folder((folder / name).parent, made)
            _write_new(folder / name, text, made)
        _ignore(folder / ".gitignore", made)
        _make_folder(folder / FOLDER, made)
        made.extend(write_schemas(folder / FOLDER))
        if not (folder / KEY_FILE).exists():
            create_key_file(folder)
            made.append(folder / KEY_FILE)
        create(folder / DATABASE, now, read_keys(folder))
        made.append(folder / DATABASE)
    return sorted(str(path.relative_to(folder)) for path in made if path.is_file())


def _wanted(folder: Path, example: bool) -> dict[str, bytes]:
    """The files to write; none when the project's own are there already."""
    if (folder / CONFIG_FILE).exists() and not example:
        return {}
    if example:
        return {name: path.read_bytes() for name, path in example_files().items()}
    words = {"project": _as_yaml(folder.resolve().name), "zone": _zone_here()}
    layouts = {f"{TEMPLATES}/{path.name}": path.read_bytes() for path in built_in_files()}
    return layouts | {
        name: Template((STARTER / name).read_text("utf-8")).safe_substitute(words).encode() for name in STARTER_FILES
    }


def _refuse_the_taken(folder: Path, files: dict[str, bytes]) -> None:
    if (folder / DATABASE).exists():
        raise Refused(f"{folder / DATABASE} exists already: there is a project. Nothing was changed.")
    if (folder / JOURNAL_FILE).exists():
        raise Refused(
            f"{folder / JOURNAL_FILE} tells of mails that were sent from here, but the database is gone.",
            "Restore the database from a backup and run `nurture recover`: a new one would send them all again.",
        )
    for name in files:
        if os.path.lexists(folder / name):
            raise Refused(f"{folder / name} exists already. Nothing was changed.", "Choose another folder.")


@contextlib.contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """Collects what is made, and removes it again when something fails."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    for place in (*reversed(folder.parents), folder):
        if not place.exists():
            place.mkdir()
            made.append(place)


def _write_new(path: Path, text: bytes, made: list[Path]) -> None:
    with path.open("xb") as file:
        made.append(path)
        file.write(text)


def _ignore(path: Path, made: list[Path]) -> None:
    """Keep what belongs to this machine alone out of version control."""
    wanted = (STARTER / "gitignore").read_text("utf-8")
    if not path.exists():
        _write_new(path, wanted.encode(), made)
        return
    text = path.read_text("utf-8", errors="surrogateescape")
    missing = [line for line in wanted.splitlines() if line not in text.splitlines()]
    if missing:
        gap = "" if text.endswith("\n") or not text else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(gap + "\n".join(missing) + "\n")


def _as_yaml(name: str) -> str:
    """A folder's name as a YAML text; a name that cannot be shown gives way to a plain one."""
    if not name.isprintable() or not name.strip() or "{" in name:
        return "nurture"
    plain = re.fullmatch(r"[A-Za-z][\w -]*\w", name, re.ASCII) and name.lower() not in ("true", "false", "null")
    return name if plain else json.dumps(name, ensure_ascii=False)


def _zone_here() -> str:
    """The zone of this machine, or UTC where it has none with a name."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named and _LOCALTIME.is_symlink():
        named = str(_LOCALTIME.readlink()).partition("zoneinfo/")[2]
    try:
        return parse_zone(named)
    except ValueError:
        return "UTC"
