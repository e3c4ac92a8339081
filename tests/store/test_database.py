"""The door to SQLite: what is made, what is refused, who may write, and what a transaction leaves."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nurture_cli.errors import Busy, InputOutput, Refused
from nurture_cli.store.create import create
from nurture_cli.store.database import (
    Connection,
    open_reader,
    open_unchecked,
    open_writer,
    writing,
)
from nurture_cli.store.schema import APPLICATION_ID, SCHEMA_VERSION
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store.conftest import KEYS, Hold
from tests.store.rows import contact, one


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def count(db: Connection) -> int:
    return int(one(db, "SELECT count(*) FROM contact"))


def write_and_raise(db: Connection, number: int, error: BaseException) -> None:
    """Write two contacts, the second one in a part of its own, and give up."""
    contact(db, number)
    with writing(db):
        contact(db, number + 10)
    assert count(db) >= 2
    raise error


def schema_of(db: Connection) -> list[tuple[str, str]]:
    ours = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%sqlite%' ORDER BY name"
    return [(name, " ".join(sql.replace('"', "").split())) for name, sql in db.execute(ours)]


def test_a_new_database_and_all_beside_it_are_for_the_owner_alone(tmp_path: Path, no_umask: None) -> None:
    path = tmp_path / "nurture.db"
    create(path, AT, KEYS)
    db = open_writer(path)
    with writing(db):
        contact(db)

    assert {file.name for file in tmp_path.iterdir()} >= {"nurture.db", "nurture.db-wal", "nurture.db.write"}
    assert {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()} == dict.fromkeys(
        (file.name for file in tmp_path.iterdir()), "0o600"
    )
    db.close()


def test_a_new_database_is_ours_and_has_an_identity_of_its_own(tmp_path: Path) -> None:
    ids = set()
    for name in ("one.db", "two.db"):
        create(tmp_path / name, AT, KEYS)
        db = open_reader(tmp_path / name)
        assert one(db, "PRAGMA application_id") == APPLICATION_ID
        assert one(db, "PRAGMA user_version") == SCHEMA_VERSION
        assert one(db, "SELECT created_at FROM instance") == AT
        ids.add(one(db, "SELECT id FROM instance"))
        db.close()

    assert len(ids) == 2


def test_a_scratch_database_has_the_schema_of_one_that_was_created(path: Path, db: Connection) -> None:
    reader = open_reader(path)

    assert schema_of(db) == schema_of(reader)
    assert len(schema_of(db)) > 40
    reader.close()


def test_create_refuses_whatever_is_in_its_place_and_leaves_it(tmp_path: Path) -> None:
    text, link, empty, orphan = (tmp_path / name for name in ("text.db", "link.db", "empty.db", "orphan.db"))
    text.write_bytes(b"mine")
    link.symlink_to(tmp_path / "nowhere")
    empty.touch()
    (tmp_path / "orphan.db-wal").write_bytes(b"sends that only the log knows of")
    for path in (text, link, empty, orphan):
        with pytest.raises(Refused, match="exists already; nothing was changed"):
            create(path, AT, KEYS)

    assert text.read_bytes() == b"mine"
    assert empty.stat().st_size == 0
    assert not (tmp_path / "nowhere").exists()
    assert not orphan.exists()
    assert (tmp_path / "orphan.db-wal").stat().st_size == 32


def test_create_goes_on_where_a_killed_one_stopped(tmp_path: Path) -> None:
    for rest in ("nurture.db.new", "nurture.db.new-wal", "nurture.db.new-shm"):
        (tmp_path / rest).write_bytes(b"half of a database")
    create(tmp_path / "nurture.db", AT, KEYS)

    open_writer(tmp_path / "nurture.db").close()
    assert not list(tmp_path.glob("*.new*"))


def test_create_in_a_folder_that_is_not_there_is_an_error_of_input_and_output(tmp_path: Path) -> None:
    with pytest.raises(InputOutput) as raised:
        create(tmp_path / "nowhere" / "nurture.db", AT, KEYS)

    assert raised.value.exit_code == 74


def _nothing(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("email,first_name\n" * 500)


def _foreign(path: Path) -> None:
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE contact (id)")
    other.close()


def _header_gone(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _first_page_overwritten(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 300 + whole[400:])


def _numbered(number: int) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        other = sqlite3.connect(path)
        other.execute(f"PRAGMA user_version = {number}")
        other.close()

    return change


def _second_name(path: Path) -> None:
    path.with_name("second.db").hardlink_to(path)


STRANGE = [
    (_nothing, "There is no database at"),
    (_empty, "is an empty file, not a new project"),
    (_folder, "is not a file"),
    (_text, "is not a SQLite database"),
    (_foreign, "is a database of another program"),
    (_header_gone, "is not a SQLite database"),
    (_half, "is damaged"),
    (_first_page_overwritten, "is damaged"),
    (_numbered(SCHEMA_VERSION - 1), "has an older schema"),
    (_numbered(SCHEMA_VERSION + 1), "has a newer schema"),
    (_second_name, "has a second name"),
]


@pytest.mark.parametrize("opener", [open_reader, open_writer])
@pytest.mark.parametrize(("make", "words"), STRANGE, ids=[words for _, words in STRANGE])
def test_a_strange_file_is_refused_by_name_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], words: str, opener: Callable[[Path], Connection]
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(Refused, match=words) as raised:
        opener(path)

    assert raised.value.exit_code == 3
    assert str(path) in raised.value.sentence
    assert raised.value.sentence.endswith(".")
    assert (path.read_bytes() if path.is_file() else None) == before
    assert path.exists() == (make is not _nothing)


def test_what_to_look_at_or_to_migrate_may_be_of_an_older_schema(path: Path) -> None:
    _numbered(0)(path)
    db = open_unchecked(path)

    assert one(db, "SELECT count(*) FROM instance") == 1
    db.close()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM instance", "CREATE TABLE t (x)", "PRAGMA user_version = 9", "UPDATE instance SET last_run_at = 1"],
)
def test_a_reader_cannot_write(path: Path, writer: Connection, statement: str) -> None:
    with writing(writer):
        contact(writer)
    files = (path, path.with_name("nurture.db-wal"))
    before = [hashlib.sha256(file.read_bytes()).digest() for file in files]
    db = open_reader(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute(statement)
    with pytest.raises(InputOutput, match="cannot be written to") as raised, writing(db):
        db.execute(statement)
    db.execute("CREATE TEMP TABLE notes (x)")
    db.execute("INSERT INTO notes SELECT id FROM contact")
    assert one(db, "SELECT count(*) FROM notes") == 1
    db.close()

    assert raised.value.exit_code == 74
    assert [hashlib.sha256(file.read_bytes()).digest() for file in files] == before


def test_a_reader_works_in_a_folder_that_it_may_not_write_to(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # one that others may enter, other than `tmp_path`
        copy = Path(folder) / "nurture.db"
        shutil.copyfile(path, copy)
        copy.chmod(0o444)
        copy.parent.chmod(0o555)
        child = os.fork()
        if child == 0:
            if os.geteuid() == 0:
                os.setuid(65534)  # to root every folder is open
            try:
                db = open_reader(copy)
                os._exit(10 + int(one(db, "SELECT count(*) FROM instance")))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        names = [file.name for file in copy.parent.iterdir()]
        copy.parent.chmod(0o755)

    assert os.waitstatus_to_exitcode(status) == 11
    assert names == ["nurture.db"]


def test_a_writer_keeps_a_log_syncs_every_commit_and_enforces_foreign_keys(writer: Connection) -> None:
    assert one(writer, "PRAGMA journal_mode") == "wal"
    assert one(writer, "PRAGMA synchronous") == 2
    assert one(writer, "PRAGMA foreign_keys") == 1
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), writing(writer):
        writer.execute("INSERT INTO contact_tag VALUES (1, 'of nobody')")


def test_a_writer_gives_a_restored_copy_its_log_back(path: Path) -> None:
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    other.close()
    db = open_writer(path)

    assert one(db, "PRAGMA journal_mode") == "wal"
    db.close()


def test_what_is_written_is_there_for_others_and_what_raises_is_undone(path: Path, writer: Connection) -> None:
    with writing(writer):
        contact(writer, 1)
    with pytest.raises(KeyboardInterrupt), writing(writer):
        write_and_raise(writer, 2, KeyboardInterrupt())
    reader = open_reader(path)

    assert count(reader) == 1
    assert not writer.in_transaction
    reader.close()


def test_nobody_sees_a_transaction_before_its_end(path: Path, writer: Connection) -> None:
    reader = open_reader(path)
    with writing(writer):
        contact(writer)
        assert count(reader) == 0

    assert count(reader) == 1
    reader.close()


@pytest.mark.parametrize("place", ["on disk", "in memory"])
def test_an_inner_part_is_undone_by_itself(writer: Connection, db: Connection, place: str) -> None:
    db = writer if place == "on disk" else db
    with writing(db):
        contact(db, 1)
        with pytest.raises(ValueError, match="inner"), writing(db):
            write_and_raise(db, 2, ValueError("inner"))
        with writing(db):
            contact(db, 4)

    assert [row[0] for row in db.execute("SELECT id FROM contact ORDER BY id")] == [1, 4]


def test_an_inner_part_goes_down_with_the_outer_one(writer: Connection) -> None:
    with pytest.raises(ValueError, match="outer"), writing(writer):
        write_and_raise(writer, 1, ValueError("outer"))

    assert count(writer) == 0


def test_a_writer_waits_for_another_one_and_then_is_busy(writer: Connection, hold: Hold) -> None:
    holder = hold("write")
    began = time.monotonic()
    with pytest.raises(Busy, match=r"writing to .* for more than 0\.2 seconds") as raised, writing(writer, wait=0.2):
        contact(writer)

    assert raised.value.exit_code == 75
    assert time.monotonic() - began >= 0.2
    assert count(writer) == 0
    holder.let_go()
    with writing(writer, wait=0):
        contact(writer)
    assert count(writer) == 1


def test_who_waits_long_for_another_writer_is_told_once(
    writer: Connection, hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold("write")
    monkeypatch.setattr("nurture_cli.store.locks._LONG", 0.05)
    said: list[str] = []
    monkeypatch.setattr("nurture_cli.store.locks._tell_of_waiting", lambda: said.append("waiting"))
    with pytest.raises(Busy), writing(writer, wait=0.3):
        contact(writer)

    assert said == ["waiting"]


def test_a_writer_gets_in_as_soon_as_the_other_one_is_gone(path: Path, hold: Hold) -> None:
    holder = hold("write")
    trying, counts = threading.Event(), []

    def wait() -> None:
        db = open_writer(path)
        trying.set()
        with writing(db):
            contact(db)
        counts.append(count(db))
        db.close()

    thread = threading.Thread(target=wait)
    thread.start()
    assert trying.wait(10)
    assert counts == []
    holder.kill()
    thread.join(10)

    assert counts == [1]


def test_a_program_that_knows_nothing_of_our_lock_makes_us_busy_too(path: Path, writer: Connection) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.execute("PRAGMA busy_timeout = 20")
    with pytest.raises(Busy, match="in use by another program") as raised, writing(writer):
        pytest.fail("began beside another writer")
    other.close()

    assert raised.value.exit_code == 75
    assert not writer.in_transaction


def test_a_writer_that_is_killed_leaves_what_was_committed(path: Path, writer: Connection, hold: Hold) -> None:
    with writing(writer):
        contact(writer)
    hold("write").kill()
    folder = path.parent / "after the power cut"
    folder.mkdir()
    for name in ("nurture.db", "nurture.db-wal"):
        shutil.copy(path.with_name(name), folder / name)
    db = open_reader(folder / "nurture.db")

    assert count(db) == 1
    db.close()


def test_closing_while_another_one_writes_loses_nothing(path: Path, hold: Hold) -> None:
    db = open_writer(path)
    with writing(db):
        contact(db)
    holder = hold("write")
    thread = threading.Thread(target=holder.let_go)
    thread.start()
    db.close()
    thread.join(10)
    reader = open_reader(path)

    assert count(reader) == 1
    reader.close()


def test_a_fault_in_our_own_sql_stays_what_it_is(writer: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax error"), writing(writer):
        writer.execute("SELEKT")
