"""A project of which some files belong to somebody else, as `sudo nurture` leaves it: who, and what to type."""

from __future__ import annotations

import grp
import importlib
import json
import os
import pkgutil
import pwd
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nurture_cli
from tests.acceptance.commands import build, due
from tests.conftest import Answer, Nurture

SOMEBODY = 65534  # `nobody`: the user who is not root here
OWNER = f"{pwd.getpwuid(SOMEBODY).pw_name}:{grp.getgrgid(SOMEBODY).gr_name}"

Ask = Callable[..., Answer]


@pytest.fixture
def shop() -> Iterator[Path]:
    """A project in a folder that others may enter, with two people due of whom one has got her mail."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two users")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shop = build(Path(folder).resolve() / "my shop")
        due(shop, "ann@x.example")
        due(shop, "bob@x.example")
        yield shop


@pytest.fixture
def as_somebody(nurture: Nurture) -> Ask:
    """Call the command line as another user, who may not even enter the folder that the program is in."""
    for module in pkgutil.walk_packages(nurture_cli.__path__, "nurture_cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def ask(*words: str, cwd: Path) -> Answer:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.chdir("/")  # `nurture` goes back to where it was called
                os.setgroups([])
                os.setgid(SOMEBODY)
                os.setuid(SOMEBODY)
                answer = nurture(*words, cwd=cwd)
                os.write(writing, json.dumps([answer.code, answer.out, answer.err]).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        return Answer(*json.loads(told))

    return ask


def give_away(shop: Path, *, but: str) -> Path:
    """Let everything belong to the other user, except one file or folder, which is root's alone; returns it."""
    for place in (shop, *shop.rglob("*")):
        os.chown(place, SOMEBODY, SOMEBODY)
    kept = shop / but
    kept.touch(0o600) if not kept.exists() else kept.chmod(0o700 if kept.is_dir() else 0o600)
    os.chown(kept, 0, 0)
    return kept


@pytest.mark.parametrize(
    "name",
    [
        "nurture.db.run", "nurture.db.write", "nurture.db", "nurture.db-wal", "nurture.db-shm", "nurture.journal",
        "nurture.key", "outbox",
    ],
)  # fmt: skip
def test_a_file_of_roots_is_named_with_the_command_that_gives_it_back(
    nurture: Nurture, as_somebody: Ask, shop: Path, name: str
) -> None:
    assert nurture("run", "--limit", "1", cwd=shop).code == 0
    kept = give_away(shop, but=name)

    refused = as_somebody("run", cwd=shop)

    assert refused.code in (74, 78), refused
    assert f"{kept} belongs to root, so nurture was probably run with sudo." in refused.err
    command = refused.err.partition("run: sudo ")[2].partition("\n")[0]
    assert shlex.split(command) == ["chown", "-R", OWNER, str(shop)]

    subprocess.run(["/bin/sh", "-c", command], check=True)
    mended = as_somebody("run", cwd=shop)
    assert (mended.code, mended.err) == (0, "")
    assert len(list((shop / "outbox").iterdir())) == 2


def test_the_doctor_names_a_journal_that_a_run_may_read_but_not_write(
    nurture: Nurture, as_somebody: Ask, shop: Path
) -> None:
    assert nurture("run", "--limit", "1", cwd=shop).code == 0
    kept = give_away(shop, but="nurture.journal")
    kept.chmod(0o644)

    run, doctor = as_somebody("run", cwd=shop), as_somebody("doctor", cwd=shop)

    assert (run.code, doctor.code) == (74, 74)
    assert f"{kept} belongs to root, so nurture was probably run with sudo." in doctor.out


@pytest.fixture
def elsewhere(nurture: Nurture, shop: Path) -> Path:
    """The shop's database in a folder of root's outside the project; the rest belongs to the other user."""
    folder = shop.parent / "elsewhere"
    folder.mkdir()
    database = folder / "nurture.db"
    (shop / "nurture.db").rename(database)
    for words in (["adopt"], ["run", "--limit", "1"], ["status"]):
        assert nurture(*words, "--db", database, cwd=shop).code == 0
    for place in (shop, *shop.rglob("*")):
        os.chown(place, SOMEBODY, SOMEBODY)
    return database


def test_outside_of_the_project_only_the_files_are_given_back(as_somebody: Ask, shop: Path, elsewhere: Path) -> None:
    refused = as_somebody("status", "--db", str(elsewhere), cwd=shop)

    assert refused.code == 74
    (command,) = [line.partition("run: ")[2] for line in refused.err.splitlines() if "run: " in line]
    assert shlex.split(command)[:4] == ["sudo", "chown", OWNER, str(elsewhere)]


def test_a_folder_outside_of_the_project_stays_whose_it_is(as_somebody: Ask, shop: Path, elsewhere: Path) -> None:
    for file in elsewhere.parent.iterdir():
        os.chown(file, SOMEBODY, SOMEBODY)
    elsewhere.with_name("nurture.db.run").unlink()

    refused = as_somebody("run", "--db", str(elsewhere), cwd=shop)

    assert refused.code == 74
    assert f"{elsewhere.parent} belongs to root. Choose a folder" in refused.err
    assert "chown" not in refused.err
