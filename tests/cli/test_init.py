import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.cli import new_project
from nurture_cli.cli.example import example_files
from tests.conftest import Nurture

MADE = [
    ".gitignore", ".nurture/asset.schema.json", ".nurture/campaign.schema.json", ".nurture/project.schema.json",
    "campaigns/welcome.yml", "nurture.db", "nurture.key", "nurture.yml", "templates/_layout.html",
    "templates/_layout.txt", "templates/welcome.md",
]  # fmt: skip


@pytest.fixture
def umask_000() -> Iterator[None]:
    """The most careless umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def files_of(folder: Path) -> list[str]:
    """Every file below a folder, but for lock files."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not name.endswith((".write", ".run")))


def test_a_new_project_is_whole_and_passes_check_with_nothing_to_say(nurture: Nurture, tmp_path: Path) -> None:
    made = nurture("init", "shop", cwd=tmp_path)
    checked = nurture("check", cwd=tmp_path / "shop")

    assert (made.code, checked.code) == (0, 0)
    assert made.out.splitlines() == [f"shop/{name}" for name in MADE]
    assert files_of(tmp_path / "shop") == MADE
    assert (checked.out, checked.err) == ("", "Nothing wrong in 5 files.\n")


def test_the_funnel_that_the_starter_hints_at_is_sound_and_completed_by_editors(
    nurture: Nurture, tmp_path: Path
) -> None:
    import jsonschema
    import yaml

    nurture("init", "shop", cwd=tmp_path)
    file = tmp_path / "shop" / "nurture.yml"
    stages = re.sub(r"^  - \S+ +# - ", "  - ", file.read_text(), flags=re.M)
    grown = re.sub(r"^# (?=(fit|interest|sales|recycling): )", "", stages, flags=re.M)
    file.write_text(grown)

    checked = nurture("check", cwd=tmp_path / "shop")
    schema = json.loads((tmp_path / "shop/.nurture/project.schema.json").read_text())

    assert grown.count("when: ") == 4
    assert (checked.code, checked.out) == (0, "")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(grown))) == []


def test_secret_and_data_are_for_their_owner_alone_whatever_the_umask(
    nurture: Nurture, tmp_path: Path, umask_000: None
) -> None:
    nurture("init", "shop", cwd=tmp_path)

    for name in ("nurture.db", "nurture.key"):
        assert stat.S_IMODE((tmp_path / "shop" / name).stat().st_mode) == 0o600


def test_the_example_is_the_worked_example_with_its_sample_contacts(nurture: Nurture, tmp_path: Path) -> None:
    made = nurture("init", "shop", "--example", cwd=tmp_path)
    checked = nurture("check", cwd=tmp_path / "shop")

    assert (made.code, checked.code) == (0, 0)
    for name, original in example_files().items():
        assert (tmp_path / "shop" / name).read_bytes() == original.read_bytes()
    assert (tmp_path / "shop" / "contacts.csv").is_file()
    assert len(list((tmp_path / "shop" / "campaigns").iterdir())) >= 2


def test_a_project_is_never_overwritten(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    before = {name: (tmp_path / "shop" / name).read_bytes() for name in MADE}

    for words in (["init", "shop"], ["init", "shop", "--example"]):
        answer = nurture(*words, cwd=tmp_path)
        assert answer.code == 3
        assert "exists already" in answer.err
    assert {name: (tmp_path / "shop" / name).read_bytes() for name in MADE} == before


@pytest.mark.parametrize("taken", ["nurture.yml", "contacts.csv", "campaigns/zero-trust.yml"])
def test_a_file_in_the_way_refuses_the_example_and_nothing_is_made(
    nurture: Nurture, tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("mine")

    answer = nurture("init", ".", "--example", cwd=tmp_path)

    assert answer.code == 3
    assert f"{taken} exists already" in answer.err
    assert files_of(tmp_path) == [taken]


def test_a_clone_gets_what_version_control_does_not_keep(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    for name in ("nurture.db", "nurture.key"):
        (tmp_path / "shop" / name).unlink()
    mine = (tmp_path / "shop" / "nurture.yml").read_text() + "# mine\n"
    (tmp_path / "shop" / "nurture.yml").write_text(mine)

    answer = nurture("init", "shop", cwd=tmp_path)

    assert answer.code == 0
    assert files_of(tmp_path / "shop") == MADE
    assert (tmp_path / "shop" / "nurture.yml").read_text() == mine


def test_where_mails_were_sent_a_lost_database_is_not_replaced_by_a_new_one(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    (tmp_path / "shop" / "nurture.db").unlink()
    (tmp_path / "shop" / "nurture.journal").write_text("{}\n")

    answer = nurture("init", "shop", cwd=tmp_path)

    assert answer.code == 3
    assert "a new one would send them all again" in answer.err
    assert not (tmp_path / "shop" / "nurture.db").exists()


def test_a_failure_on_the_way_leaves_nothing_behind(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_project, "write_schemas", full)

    answer = nurture("init", "a/b/shop", cwd=tmp_path)

    assert answer.code == 74
    assert list(tmp_path.iterdir()) == []


def test_an_ignore_file_that_is_there_gets_the_missing_lines_once(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.tmp\nnurture.key")

    nurture("init", ".", cwd=tmp_path)

    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:2] == ["*.tmp", "nurture.key"]
    assert "nurture.db*" in lines
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("name", ["true", "null", "7: #x", 'größe "q" \'', "a\nb", "\x1b[2J", "{{x}}", "-"])
def test_any_name_of_a_folder_makes_a_sound_project(nurture: Nurture, tmp_path: Path, name: str) -> None:
    nurture("init", tmp_path / name)

    answer = nurture("check", cwd=tmp_path / name)

    assert (answer.code, answer.out) == (0, "")


def test_a_file_is_no_place_for_a_project(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert nurture("init", "file", cwd=tmp_path).code == 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Nonsense", "", "EST5EDT", "Etc/GMT+5"])
def test_the_zone_is_the_machines_when_it_is_a_place_and_utc_otherwise(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr(new_project, "_LOCALTIME", tmp_path / "none")

    nurture("init", "shop", cwd=tmp_path)

    expected = zone if zone == "Europe/Berlin" else "UTC"
    assert f"\nzone: {expected}\n" in (tmp_path / "shop" / "nurture.yml").read_text()


def test_the_schemas_say_that_the_starter_is_right_and_that_a_mistake_is_wrong(
    nurture: Nurture, tmp_path: Path
) -> None:
    import jsonschema
    import yaml

    nurture("init", "shop", cwd=tmp_path)
    schema = json.loads((tmp_path / "shop/.nurture/campaign.schema.json").read_text())
    campaign = yaml.safe_load((tmp_path / "shop/campaigns/welcome.yml").read_text())
    validator = jsonschema.Draft7Validator(schema)

    assert list(validator.iter_errors(campaign)) == []
    campaign["stages"]["any"][0] = {"sned": "welcome"}
    assert list(validator.iter_errors(campaign)) != []
