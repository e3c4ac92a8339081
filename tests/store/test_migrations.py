"""A migration is there whole or not at all, wherever it is stopped; and a verified copy is kept from before."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.errors import Busy, Refused
from nurture_cli.store import database, migrations
from nurture_cli.store.database import open_reader, open_unchecked, open_writer, writing
from nurture_cli.store.health import damage
from nurture_cli.store.migrations import migrate
from nurture_cli.store.schema import SCHEMA_VERSION, statements
from tests.store import rows
from tests.store.conftest import KEYS, Hold
from tests.store.rows import one

# What a next version may well do: a new table, a column, a table made anew with its rows, another index.
NEXT = """\
CREATE TABLE note (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contact (id), words TEXT) STRICT;
ALTER TABLE contact ADD COLUMN nickname TEXT;
UPDATE contact SET nickname = first_name;
CREATE TABLE tag_anew (contact_id INTEGER NOT NULL REFERENCES contact (id), tag TEXT NOT NULL, at INTEGER) STRICT;
INSERT INTO tag_anew SELECT contact_id, tag, 0 FROM contact_tag;
DROP TABLE contact_tag;
ALTER TABLE tag_anew RENAME TO contact_tag;
CREATE UNIQUE INDEX contact_tag_once ON contact_tag (contact_id, tag);
"""
NEXT_VERSION = SCHEMA_VERSION + 1
COUNT = len(NEXT.splitlines())


class NextVersion:
    """The program after its next release: it knows one migration more."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._patch = monkeypatch

    def with_migration(self, sql: str) -> None:
        """Let the next version's migration be this."""
        file = self._folder / "0002_next.sql"
        file.write_text(sql)
        statements.cache_clear()
        self._patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS[:SCHEMA_VERSION], str(file)[:-4]))
        self._patch.setattr(migrations, "SCHEMA_VERSION", NEXT_VERSION)
        self._patch.setattr(database, "SCHEMA_VERSION", NEXT_VERSION)


@pytest.fixture
def next_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NextVersion]:
    """The next version finds a database of this one, with two contacts in it."""
    db = open_writer(path)
    with writing(db):
        for number in (1, 2):
            rows.contact(db, number, first_name=f"C{number}")
            db.execute("INSERT INTO contact_tag VALUES (?, 't')", (number,))
    db.close()
    yield NextVersion(path.parent, monkeypatch)
    statements.cache_clear()


def is_old(path: Path) -> bool:
    """Whether the database has the old schema and all of its rows; fails when it is neither old nor new."""
    db = open_unchecked(path)
    version = one(db, "PRAGMA user_version")
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema")}
    columns = {row[1] for row in db.execute("PRAGMA table_info (contact)")}
    old = version == SCHEMA_VERSION
    assert version in (SCHEMA_VERSION, NEXT_VERSION)
    assert ("note" in names, "contact_tag_once" in names, "nickname" in columns) == (not old,) * 3
    assert "tag_anew" not in names
    assert db.execute("SELECT contact_id, tag FROM contact_tag ORDER BY 1").fetchall() == [(1, "t"), (2, "t")]
    assert one(db, "SELECT count(*) FROM _sqlite_migrations") == version
    assert list(damage(db)) == []
    db.close()
    return bool(old)


def copy_of(path: Path) -> Path:
    return path.with_name(f"nurture.db.schema-{SCHEMA_VERSION}.backup")


def test_a_database_that_is_up_to_date_is_left_alone(path: Path) -> None:
    before = path.read_bytes()

    assert migrate(path, KEYS) is None
    assert path.read_bytes() == before
    assert not copy_of(path).exists()


def test_an_older_database_is_brought_up_to_date_and_a_copy_from_before_is_kept(
    path: Path, next_version: NextVersion
) -> None:
    next_version.with_migration(NEXT)
    with pytest.raises(Refused, match="has an older schema"):
        open_reader(path)
    copy = migrate(path, KEYS)

    assert copy == copy_of(path)
    assert is_old(copy)
    assert oct(copy.stat().st_mode & 0o777) == "0o600"
    assert not is_old(path)
    db = open_writer(path)
    assert [row[0] for row in db.execute("SELECT nickname FROM contact")] == ["C1", "C2"]
    db.close()
    assert migrate(path, KEYS) is None


@pytest.mark.parametrize("place", range(COUNT + 1))
def test_an_error_at_any_statement_leaves_the_old_schema(path: Path, next_version: NextVersion, place: int) -> None:
    lines = NEXT.splitlines()
    next_version.with_migration("\n".join([*lines[:place], "INSERT INTO nowhere VALUES (1);", *lines[place:]]))
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(path, KEYS)
    assert is_old(path)
    assert is_old(copy_of(path))

    next_version.with_migration(NEXT)
    migrate(path, KEYS)
    assert not is_old(path)


@pytest.mark.parametrize("place", range(COUNT + 1))
def test_death_at_any_statement_leaves_the_old_schema(
    path: Path, next_version: NextVersion, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_version.with_migration(NEXT)
    import sqlite_utils  # noqa: F401  once, and not in each child

    def die_at(migration: str) -> Iterator[str]:
        yield from statements(migration)[:place]
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        migrations.statements = die_at  # type: ignore[assignment]
        try:
            migrate(path, KEYS)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert is_old(path)
    assert is_old(copy_of(path))

    migrate(path, KEYS)
    assert not is_old(path)
    assert is_old(copy_of(path))


def test_death_right_after_the_end_leaves_the_new_schema(path: Path, next_version: NextVersion) -> None:
    next_version.with_migration(NEXT)
    child = os.fork()
    if child == 0:
        database.Connection.close = lambda _: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
        db = database.open_to_migrate(path)
        with writing(db):
            migrations.apply(db)
        db.close()
        os._exit(1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert not is_old(path)


def test_a_migration_that_would_leave_rows_that_point_nowhere_changes_nothing(
    path: Path, next_version: NextVersion
) -> None:
    next_version.with_migration(NEXT + "DELETE FROM contact WHERE id = 2;\n")
    with pytest.raises(Refused, match="rows that point nowhere; nothing was changed"):
        migrate(path, KEYS)

    assert is_old(path)


def test_no_migration_while_a_run_is_on(path: Path, next_version: NextVersion, hold: Hold) -> None:
    next_version.with_migration(NEXT)
    hold("run")
    with pytest.raises(Busy, match="Another run"):
        migrate(path, KEYS)

    assert is_old(path)
    assert not copy_of(path).exists()


def test_no_migration_of_a_damaged_database(path: Path, next_version: NextVersion) -> None:
    next_version.with_migration(NEXT)
    whole = path.read_bytes()
    page = whole.rindex(b"c1@b.example") // 4096 * 4096
    path.write_bytes(whole[:page] + b"\xff" * 4096 + whole[page + 4096 :])
    before = path.read_bytes()
    with pytest.raises(Refused, match="damaged"):
        migrate(path, KEYS)

    assert path.read_bytes() == before
    assert not copy_of(path).exists()


def test_a_newer_and_a_foreign_database_are_not_migrated(path: Path, tmp_path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {NEXT_VERSION}")
    other.close()
    foreign = sqlite3.connect(tmp_path / "foreign.db")
    foreign.execute("CREATE TABLE t (x)")
    foreign.close()

    with pytest.raises(Refused, match="newer schema"):
        migrate(path, KEYS)
    with pytest.raises(Refused, match="another program"):
        migrate(tmp_path / "foreign.db", KEYS)
    with pytest.raises(Refused, match="There is no database"):
        migrate(tmp_path / "nowhere.db", KEYS)
