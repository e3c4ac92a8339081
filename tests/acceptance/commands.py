"""The real command, as a process of its own: a project to call it in, and what it left behind."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nurture_cli.keys import read_keys
from nurture_cli.store.contacts import add_contact, add_tag, find_contact, set_consent
from nurture_cli.store.database import open_reader, open_writer, writing
from tests.conftest import A_TUESDAY_MORNING
from tests.projects import SHOP, make_database, write_files

TESTS = Path(__file__).parents[1]
NURTURE = (sys.executable, "-m", "nurture_cli")


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Both streams."""
        return self.out + self.err


def call(*words: object, cwd: Path, env: Mapping[str, str] | None = None) -> Told:
    """Run `nurture` with these words in the folder; whatever it answers, it is never a traceback."""
    answer = subprocess.run(
        [*NURTURE, *map(str, words)], capture_output=True, check=False, cwd=cwd, env={**os.environ, **(env or {})}
    )
    told = Told(answer.returncode, answer.stdout.decode(), answer.stderr.decode())
    assert "Traceback" not in told.all
    assert told.code != 70, told.err
    return told


def build(root: Path, changed: Mapping[str, str | bytes | None] | None = None) -> Path:
    """The small shop with an empty database, with these files of its own."""
    write_files(root, SHOP | dict(changed or {}))
    make_database(root, A_TUESDAY_MORNING)
    return root


def due(shop: Path, email: str = "ann@x.example") -> None:
    """Add a contact with consent whom the campaign of the shop writes to."""
    db, keys, now = open_writer(shop / "nurture.db"), read_keys(shop), A_TUESDAY_MORNING
    try:
        with writing(db):
            add_tag(db, add_contact(db, keys, email, stage="name", now=now), "fair")
            contact = find_contact(db, keys, email)
            assert contact is not None
            set_consent(db, contact, "express", basis="form", source="fair", at=now, until=None, now=now)
    finally:
        db.close()


def memory(database: Path) -> str:
    """Everything that the database remembers, as one text."""
    db = open_reader(database)
    try:
        return "\n".join(db.iterdump())
    finally:
        db.close()


def without_runs(shop: Path) -> list[str]:
    """Everything that the database remembers, but for the note that a run could not do its work."""
    lines = memory(shop / "nurture.db").splitlines()
    return [line for line in lines if not line.startswith('INSERT INTO "run"')]


def files(root: Path) -> dict[str, bytes]:
    """Every regular file of a folder by its name, but for those by which SQLite and the locks do their work."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.name.endswith(("-wal", "-shm", ".run", ".write"))
    }


def unknown_tests(ids: Iterable[str]) -> list[str]:
    """Those of the ids (`file.py::test`, below tests/) that name no test."""
    return [id for id in ids if id.partition("::")[2] not in _tests_in(id.partition("::")[0])]


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
