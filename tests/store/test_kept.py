"""Databases that earlier versions left behind, kept as they were, are brought up to date with all that they know."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from nurture_cli.errors import Refused
from nurture_cli.keys import KEY_FILE, Keys, read_keys
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, open_reader, open_to_migrate, open_unchecked, open_writer, writing
from nurture_cli.store.health import damage, strangers
from nurture_cli.store.instance import read_instance, verify_key
from nurture_cli.store.journal import catch_up, mend
from nurture_cli.store.journal_lines import SuppressionLine, TouchLine, encoded, header, read_header, read_lines
from nurture_cli.store.migrations import migrate
from nurture_cli.store.schema import SCHEMA_VERSION
from tests.store.conftest import KEYS
from tests.store.rows import one

KEPT = Path(__file__).parent / "kept"
VERSIONS = range(1, SCHEMA_VERSION)


def unpack(version: int, folder: Path) -> tuple[Path, Keys]:
    """The database that this version of the schema left behind, and its key."""
    database = folder / "nurture.db"
    database.write_bytes(gzip.decompress((KEPT / f"schema-{version}.db.gz").read_bytes()))
    shutil.copy(KEPT / f"schema-{version}.key", folder / KEY_FILE)
    (folder / KEY_FILE).chmod(0o600)
    return database, read_keys(folder)


# Columns that a later version calls by another name.
RENAMED = {("bookmark", "casts"): "items_sent", ("enrollment", "casts"): "items_sent"}
# Worked out of the rest of its row, perhaps anew by a migration; `damage` compares them.
SEALS = {("contact_seal", "digest"), ("enrollment", "digest"), ("standing", "digest")}


def columns_of(db: Connection) -> dict[str, list[str]]:
    """The columns of every table of the database, without seals."""
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*sqlite_*'").fetchall()
    columns = {table: [row[1] for row in db.execute(f"PRAGMA table_info ({table})")] for (table,) in tables}
    return {table: [name for name in names if (table, name) not in SEALS] for table, names in columns.items()}


def named_today(columns: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The same columns, by the names that they have now."""
    return {table: [RENAMED.get((table, name), name) for name in names] for table, names in columns.items()}


def everything(db: Connection, columns: Mapping[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    """Every row of these columns."""
    listed = {table: ", ".join(names) for table, names in columns.items()}
    return {
        table: db.execute(f"SELECT {names} FROM {table} ORDER BY {names}").fetchall() for table, names in listed.items()
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kept_database_has_a_row_in_every_table(tmp_path: Path, version: int) -> None:
    path, _ = unpack(version, tmp_path)
    db = open_unchecked(path)

    assert [table for table, kept in everything(db, columns_of(db)).items() if not kept] == []
    db.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_kept_database_is_brought_up_to_date_and_loses_nothing(tmp_path: Path, version: int) -> None:
    path, keys = unpack(version, tmp_path)
    old = open_unchecked(path)
    columns = columns_of(old)
    before = everything(old, columns)
    old.close()
    copy = migrate(path, keys)

    db = open_reader(path)
    assert copy is not None
    assert (one(db, "PRAGMA user_version"), everything(db, named_today(columns))) == (SCHEMA_VERSION, before)
    assert (list(damage(db)), strangers(db, keys)) == ([], 0)
    verify_key(db, keys)
    db.close()
    assert migrate(path, keys) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_whoever_had_left_before_the_journal_told_of_that_is_told_of_once(tmp_path: Path, version: int) -> None:
    path, keys = unpack(version, tmp_path)
    migrate(path, keys)
    db = open_writer(path)
    journal = tmp_path / "nurture.journal"
    touches = [TouchLine(*(*row[:9], bool(row[9]), bool(row[10]), *row[11:])) for row in ledger.witnessed(db)]
    journal.write_bytes(header(read_instance(db).id) + encoded(touches))
    assert journal.stat().st_size == read_instance(db).journal_size, "as that version left it"

    assert not mend(db, journal)
    catch_up(db, journal)
    told = journal.read_bytes()
    catch_up(db, journal)

    lines = [line for _, line in read_lines(journal, read_header(journal)[0])]
    suppressed = "SELECT lower(hex(address_hash)), id, reason, source, at, lifted_at, lifted_why FROM suppression"
    assert lines == [*touches, *(SuppressionLine(*row) for row in db.execute(f"{suppressed} ORDER BY id"))]
    assert (journal.read_bytes(), read_instance(db).journal_size) == (told, len(told))
    db.close()


def test_a_key_that_is_not_the_databases_is_not_written_into_it(tmp_path: Path) -> None:
    path, keys = unpack(1, tmp_path)
    with pytest.raises(Refused, match=r"14 of 14 contacts were not hashed with this nurture\.key"):
        migrate(path, KEYS)

    assert migrate(path, keys) is not None
    with pytest.raises(Refused, match="is not the key of this database"):
        migrate(path, KEYS)


def test_two_contacts_of_one_address_stop_the_migration_that_rules_them_out(tmp_path: Path) -> None:
    path, keys = unpack(1, tmp_path)
    db = open_to_migrate(path)
    with writing(db):
        db.execute(
            "INSERT INTO contact (email, address_hash, stage, stage_at, created_at, updated_at)"
            " SELECT upper(email), ?, stage, 0, 0, 0 FROM contact WHERE id = 1",
            (KEYS.address_hash("x"),),
        )
    db.close()

    with pytest.raises(Refused, match="1 address has more than one contact"):
        migrate(path, keys)
    db = open_unchecked(path)
    assert one(db, "PRAGMA user_version") == 1
    db.close()
