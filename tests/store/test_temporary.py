"""Temporary tables: what does not fit into a little memory waits on the disk, and can be thrown away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nurture_cli.store.create import create
from nurture_cli.store.database import DatabaseError, forget_temporary, open_reader, open_writer, writing
from tests.store.conftest import KEYS

FILLING = """
import sys
from pathlib import Path
from nurture_cli.store.database import open_reader

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024

db = open_reader(Path(sys.argv[1]))
before = peak()
db.execute("CREATE TEMP TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
           " SELECT i, zeroblob(3000) AS b FROM n")  # 160 MB of pages
print(peak() - before)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "nurture.db"
    create(path, 0, KEYS)
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_a_large_temporary_table_takes_little_memory(database: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FILLING, str(database)], capture_output=True, text=True, check=True
    ).stdout

    assert int(told) < 60  # megabytes


def test_temporary_tables_can_be_thrown_away(database: Path) -> None:
    db = open_reader(database)
    db.execute("CREATE TEMP TABLE big (a)")
    forget_temporary(db)
    with pytest.raises(DatabaseError, match="no such table"):
        db.execute("SELECT * FROM big")
    db.execute("CREATE TEMP TABLE big (a)")
    db.close()


def test_a_transaction_leaves_the_temporary_tables_alone(database: Path) -> None:
    db = open_writer(database)
    db.execute("CREATE TEMP TABLE big (a)")
    begun: list[str] = []
    db.set_trace_callback(begun.append)
    with writing(db):
        db.set_trace_callback(None)
        assert db.in_transaction

    # Operation Transaction: in which database (0: the file, 1: temporary tables), and whether to write.
    opened = [
        (row[2], row[3]) for sql in begun for row in db.execute(f"EXPLAIN {sql}").fetchall() if row[1] == "Transaction"
    ]
    assert opened == [(0, 1)]
    db.close()
