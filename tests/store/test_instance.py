"""A copy of a database never sends by itself, and a clock that was set back is noticed."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture_cli.errors import Refused, WrongUsage
from nurture_cli.store.create import create
from nurture_cli.store.database import Connection, open_writer, writing
from nurture_cli.store.host import host_fingerprint
from nurture_cli.store.instance import (
    CLOCK_TOLERANCE,
    adopt,
    read_instance,
    record_settled,
    verify_instance,
)
from nurture_cli.store.runs import record_last_run
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store.conftest import KEYS
from tests.store.rows import one


def test_a_database_that_stays_where_it_was_made_is_at_home(path: Path, writer: Connection) -> None:
    found = verify_instance(writer, path, AT)

    assert found == read_instance(writer)
    assert (found.created_at, found.host, found.path) == (AT, host_fingerprint(), str(path.resolve()))
    assert (found.last_run_at, found.journal_size, found.contact_cursor) == (None, 0, 0)


def test_a_copy_and_a_moved_database_are_refused_until_they_are_adopted(
    path: Path, writer: Connection, tmp_path: Path
) -> None:
    writer.close()
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    db = open_writer(copy)
    with pytest.raises(Refused, match=r"is now at .*copy\.db; if it is a copy, both would send") as raised:
        verify_instance(db, copy, AT)
    assert raised.value.exit_code == 3
    assert "nurture adopt" in str(raised.value.hint)
    with writing(db):
        adopt(db, copy, AT)

    assert verify_instance(db, copy, AT).path == str(copy.resolve())
    db.close()


def test_a_database_of_another_machine_is_refused_until_it_is_adopted(path: Path, writer: Connection) -> None:
    with writing(writer):
        writer.execute("UPDATE instance SET host = 'another'")
    with pytest.raises(Refused, match="another machine"):
        verify_instance(writer, path, AT)
    with writing(writer):
        adopt(writer, path, AT)

    assert verify_instance(writer, path, AT).host == host_fingerprint()


def test_another_name_for_the_same_file_is_the_same_place(path: Path, writer: Connection, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)

    assert verify_instance(writer, link, AT).path == str(path.resolve())


def test_a_clock_that_was_set_back_is_refused_and_a_little_is_not(path: Path, writer: Connection) -> None:
    with writing(writer):
        record_last_run(writer, AT)
    verify_instance(writer, path, AT - CLOCK_TOLERANCE)
    with pytest.raises(Refused, match=r"60 minutes later"):
        verify_instance(writer, path, AT - 3600)
    with pytest.raises(Refused):
        verify_instance(writer, path, AT - CLOCK_TOLERANCE - 1)
    with writing(writer):
        adopt(writer, path, AT - 3600)

    assert verify_instance(writer, path, AT - 3600).last_run_at == AT - 3600


@pytest.mark.parametrize(
    ("behind", "length"), [(37 * 3600 + 1200, "37 hours"), (22 * 86400, "22 days"), (3 * 86400 - 1, "71 hours")]
)
def test_both_times_are_told_as_the_clock_shows_them(
    path: Path, writer: Connection, monkeypatch: pytest.MonkeyPatch, behind: int, length: str
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    last = int(datetime(2026, 11, 28, 22, 19, tzinfo=UTC).timestamp())
    with writing(writer):
        record_last_run(writer, last)

    with pytest.raises(Refused) as refusal:
        verify_instance(writer, path, last - behind)

    assert f"but the last run was Sat 28 Nov 2026 23:19 +01:00 ({length} later)" in refusal.value.sentence
    if length == "37 hours":
        assert "This computer's clock says Fri 27 Nov 2026 09:59 +01:00" in refusal.value.sentence


def test_adopting_never_moves_the_last_run_forward(path: Path, writer: Connection) -> None:
    with writing(writer):
        adopt(writer, path, AT)
    assert read_instance(writer).last_run_at is None
    with writing(writer):
        record_last_run(writer, AT)
        adopt(writer, path, AT + 3600)

    assert read_instance(writer).last_run_at == AT


def test_a_database_without_an_identity_is_refused(path: Path, writer: Connection) -> None:
    with writing(writer):
        writer.execute("DELETE FROM instance")
    with pytest.raises(Refused, match="lost its identity"):
        verify_instance(writer, path, AT)


def test_settled_files_are_remembered_and_forgotten(writer: Connection) -> None:
    for files in ("hash", None):
        with writing(writer):
            record_settled(writer, files)
        assert one(writer, "SELECT settled_files FROM instance") == files


def test_a_place_whose_name_is_not_text_is_refused_before_anything_is_made_there(
    path: Path, writer: Connection, tmp_path: Path
) -> None:
    odd = tmp_path / "caf\udce9"  # Latin-1 bytes in a name, as Python shows them
    odd.mkdir()
    (odd / "copy.db").write_bytes(b"")

    for make in (lambda: create(odd / "new.db", AT, KEYS), lambda: adopt(writer, odd / "copy.db", AT)):
        with pytest.raises(WrongUsage, match="not UTF-8"):
            make()
    with pytest.raises(WrongUsage, match="not UTF-8"):
        verify_instance(writer, odd / "copy.db", AT)

    assert [file.name for file in odd.iterdir()] == ["copy.db"]
