"""Copies: everything that was committed is in them, they are checked, and only their owner may read them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.store.backup import backup
from nurture_cli.store.database import Connection, open_reader, writing
from nurture_cli.store.health import damage
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.conftest import Hold
from tests.store.rows import one


@pytest.fixture
def sends(writer: Connection, request: pytest.FixtureRequest) -> Connection:
    """Five sends, or as many as are asked for, each committed by itself, by a program that is still at work."""
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    with writing(writer):
        rows.contact(writer)
        rows.enrollment(writer, id=1)
    for number in range(getattr(request, "param", 5)):
        with writing(writer):
            rows.touch(writer, str(number), family=str(number), state="sent", body_hash="b", at=AT + number)
    return writer


def sends_in(path: Path) -> int:
    db = sqlite3.connect(path)
    try:
        return int(one(db, "SELECT count(*) FROM touch"))  # type: ignore[arg-type]
    finally:
        db.close()


@pytest.mark.parametrize("sends", [300], indirect=True)
def test_every_committed_send_is_in_the_copy_and_a_plain_copy_has_none(
    path: Path, sends: Connection, tmp_path: Path
) -> None:
    plain, copy = tmp_path / "plain.db", tmp_path / "copy.db"
    shutil.copy(path, plain)
    size = backup(path, copy)

    assert sends_in(plain) == 0
    assert sends_in(copy) == 300
    assert size == copy.stat().st_size


def test_a_copy_is_one_file_for_its_owner_alone_and_opens_like_the_original(
    path: Path, sends: Connection, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        backup(path, tmp_path / "copy.db")
    finally:
        os.umask(before)
    made = [file for file in tmp_path.iterdir() if "copy" in file.name]

    assert [file.name for file in made] == ["copy.db"]
    assert oct(made[0].stat().st_mode & 0o777) == "0o600"
    assert made[0].read_bytes()[18:20] == b"\x01\x01", "it would need a log beside it"
    db = open_reader(made[0])
    assert list(damage(db)) != [], "the digests of these rows were never worked out"
    assert one(db, "SELECT id FROM instance") == one(sends, "SELECT id FROM instance")
    db.close()


def test_what_is_not_committed_is_not_in_the_copy(path: Path, sends: Connection, tmp_path: Path) -> None:
    with writing(sends):
        rows.touch(sends, "new", family="new")
        backup(path, tmp_path / "copy.db")

    assert sends_in(tmp_path / "copy.db") == 5


def test_a_backup_does_not_wait_for_runs_and_writers(path: Path, hold: Hold, tmp_path: Path) -> None:
    hold("run")
    hold("write")

    assert backup(path, tmp_path / "copy.db") > 0


def test_a_file_that_is_there_is_never_overwritten(path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Refused, match="exists already; nothing was changed"):
        backup(path, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "mine"


def test_no_copy_is_kept_of_a_damaged_database(path: Path, sends: Connection, tmp_path: Path) -> None:
    sends.close()
    whole = path.read_bytes()
    page = whole.rindex(b"early/a") // 4096 * 4096
    path.write_bytes(whole[:page] + b"\xff" * 4096 + whole[page + 4096 :])
    before = path.read_bytes()
    with pytest.raises(Refused, match="damaged") as raised:
        backup(path, tmp_path / "copy.db")

    assert raised.value.exit_code == 3
    assert not [file.name for file in tmp_path.iterdir() if "copy" in file.name]
    assert path.read_bytes() == before


def test_a_backup_of_nothing_or_to_nowhere_is_refused_by_name(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no database at"):
        backup(tmp_path / "nowhere.db", tmp_path / "copy.db")
    with pytest.raises(InputOutput, match="cannot be written"):
        backup(path, tmp_path / "nowhere" / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_the_half_copy_of_a_killed_backup_is_in_nobodys_way(path: Path, tmp_path: Path) -> None:
    (tmp_path / ".copy.db.half").write_text("half")
    backup(path, tmp_path / "copy.db")

    assert not (tmp_path / ".copy.db.half").exists()
