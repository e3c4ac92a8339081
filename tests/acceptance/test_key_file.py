"""A database is used with its own key file alone: with another one, everybody would be a stranger, and mailed again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.core import TyperGroup

from nurture_cli.cli.app import load
from nurture_cli.cli.commands import COMMANDS
from nurture_cli.keys import KEY_FILE
from tests.acceptance.commands import build, call, due, memory
from tests.conftest import Nurture
from tests.projects import SHOP

ANN = "ann@x.example"

# These never look at the contacts of a database.
WITHOUT_DATABASE = {
    "check", "completion", "cron", "demo", "help", "init", "new", "rule", "schema",
}  # fmt: skip
# What each of the others is called with; most need nothing.
WORDS: dict[str, tuple[str, ...]] = {
    "contacts add": (ANN,),
    "contacts import": ("new.csv",),
    "contacts refer": ("bob@x.example", "--by", ANN),
    "contacts set": (ANN, "company=Other"),
    "contacts show": (ANN,),
    "contacts tag": (ANN, "new"),
    "contacts untag": (ANN, "fair"),
    "events add": (ANN, "visited"),
    "events import": ("events.csv",),
    "events list": (ANN,),
    "explain": (ANN,),
    "preview": ("welcome", "--to", ANN),
    "request": (ANN, "guide"),
    "sales accept": (ANN,),
    "sales brief": (ANN,),
    "sales lost": (ANN, "--reason", "no-budget"),
    "sales reject": (ANN, "--reason", "no-budget"),
    "sales won": (ANN,),
    "suppress add": (ANN,),
    "suppress import": ("left.csv",),
    "suppress remove": (ANN, "--why", "mistake"),
    "tasks done": ("1",),
    "touches resolve": ("sent", "fair/1/1/1"),
    "unsubscribe": (ANN,),
}


def _commands() -> list[str]:
    found = []
    for entry in COMMANDS:
        command = load(entry.module, entry.name)
        below = command.commands if isinstance(command, TyperGroup) else {}
        found += [f"{entry.name} {name}" for name in below] or [entry.name]
    return [name for name in found if name.split()[0] not in WITHOUT_DATABASE]


@pytest.fixture(scope="module")
def stolen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with contacts, and the key file of a project that was made anew in its place."""
    shop, other = (build(tmp_path_factory.mktemp(name)) for name in ("shop", "other"))
    due(shop)
    (shop / "new.csv").write_text(f"email\n{ANN}\nnew@x.example\n")
    (shop / "events.csv").write_text(f"email,kind,at\n{ANN},visited,2026-01-01\n")
    (shop / "left.csv").write_text("left@x.example\n")
    shutil.copy(other / KEY_FILE, shop / KEY_FILE)
    return shop


@pytest.mark.parametrize("command", _commands())
def test_every_command_refuses_the_key_file_of_another_project(nurture: Nurture, stolen: Path, command: str) -> None:
    before = memory(stolen / "nurture.db")
    told = nurture(*command.split(), *WORDS.get(command, ()), cwd=stolen, together=True)

    assert told.code == 3, told.out
    assert "is not the key of this database" in " ".join(told.out.split())
    assert memory(stolen / "nurture.db") == before


def test_a_copy_that_was_set_up_anew_writes_to_nobody(tmp_path: Path) -> None:
    """`init` makes a new key; database and journal are copied in, adopted, filled again, and run."""
    at_any_hour = SHOP["campaigns/fair.yml"].replace("pace: {window: Mon-Fri 09:00-17:00}\n", "")
    shop, copy = build(tmp_path / "shop", {"campaigns/fair.yml": at_any_hour}), tmp_path / "copy"
    due(shop)
    assert call("run", cwd=shop).code == 0
    assert call("suppress", "add", ANN, cwd=shop).code == 0
    shutil.copytree(shop, copy, ignore=shutil.ignore_patterns("nurture.*", "outbox"))
    shutil.copy(shop / "nurture.yml", copy / "nurture.yml")
    assert call("init", ".", cwd=copy).code == 0
    for name in ("nurture.db", "nurture.journal"):
        shutil.copy(shop / name, copy / name)
    (copy / "new.csv").write_text(f"email,consent,consent_basis,consent_source,tags\n{ANN},express,form,fair,fair\n")

    for words in (["adopt"], ["contacts", "import", "new.csv"], ["recover"], ["run"]):
        assert call(*words, cwd=copy).code == 3
    assert not list(copy.glob("outbox/*"))

    shutil.copy(shop / KEY_FILE, copy / KEY_FILE)
    for words in (["adopt"], ["contacts", "import", "new.csv"], ["run"]):
        assert call(*words, cwd=copy).code == 0
    assert not list(copy.glob("outbox/*"))


def test_without_any_key_file_the_list_can_still_be_exported(tmp_path: Path) -> None:
    shop = build(tmp_path)
    due(shop)
    (shop / KEY_FILE).unlink()

    assert ANN in call("contacts", "export", cwd=shop).out
    for words in (["plan"], ["run"], ["contacts", "add", "bob@x.example"]):
        told = call(*words, cwd=shop)
        assert (told.code, "nurture.key is missing" in told.err) == (78, True)
