# ruff: noqa: S608  statements made of names out of the schema
"""How many bytes of the database a touch and an event take, with all that is written because of them."""

from __future__ import annotations

import csv
import shutil
import sqlite3  # noqa: TID251  this stands outside of the program and looks at its file from below
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.imports import write_csv
from benchmarks.measure import NURTURE, Line, MeasurementError, run, table
from benchmarks.people import FIRST_ID, address
from benchmarks.project import PAUSE_DAYS, REACTION_DAYS, RECEIVED, write_project
from benchmarks.sink import Sink

TOUCH = 250  # bytes
EVENT = 150
CAMPAIGNS = 4
DAY = 86400
BEGAN = 1_780_000_000  # in the past of whoever measures
CLICKS = range(1, RECEIVED + 1)
DAYS = [4 * number for number in range(RECEIVED)]  # on each, one mail goes to everybody
DAYS += [DAYS[-1] + PAUSE_DAYS + 1, DAYS[-1] + PAUSE_DAYS + REACTION_DAYS + 2]
CONSENT = ("--set", "consent=express", "--set", "consent_basis=form", "--set", "consent_source=fair 2026")
# What is written because of one; each with its indexes.
OF_TOUCHES = ("touch", "decision", "change")
OF_EVENTS = ("event", "change")


def measure(bench: Bench) -> bool:
    """Import contacts and run for months, then weigh the touches; import what they clicked, then weigh the events."""
    folder, contacts = bench.folder / "bytes", bench.few // 2
    shutil.rmtree(folder, ignore_errors=True)
    with Sink() as sink:
        write_project(folder, CAMPAIGNS, f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off'}}")
        run((*NURTURE, "init", str(folder)))
        write_csv(folder / "contacts.csv", contacts)
        run((*NURTURE, "contacts", "import", "contacts.csv", *CONSENT), cwd=folder)
        run((*NURTURE, "run"), cwd=folder)  # sees the campaigns, which let in whoever does something later
        _import_events(folder, contacts, "downloaded", [1])
        run((sys.executable, "-m", "benchmarks.bytes", str(folder)))
    with closing(sqlite3.connect(folder / "nurture.db")) as db:
        lines = _weighed(db, OF_TOUCHES, TOUCH, bench)
    _import_events(folder, contacts, "clicked", CLICKS)
    with closing(sqlite3.connect(folder / "nurture.db")) as db:
        lines += _weighed(db, OF_EVENTS, EVENT, bench)
    shutil.rmtree(folder)
    return table(f"bytes: {contacts:,} contacts, {len(DAYS) - 1} touches and {len(CLICKS) + 1} events each", lines)


def _import_events(folder: Path, contacts: int, kind: str, assets: Iterable[int]) -> None:
    with (folder / "events.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("email", "kind", "asset", "at"))
        for asset in assets:
            for number in range(FIRST_ID, FIRST_ID + contacts):
                at = datetime.fromtimestamp(BEGAN + asset * DAY + number % DAY, UTC)
                name = f"track-{number % CAMPAIGNS + 1:02}-{asset:02}"
                writer.writerow((address(number), kind, name, f"{at:%Y-%m-%dT%H:%M:%SZ}"))
    run((*NURTURE, "events", "import", "events.csv"), cwd=folder)


def _weighed(db: sqlite3.Connection, tables: tuple[str, ...], most: int, bench: Bench) -> list[Line]:
    """The bytes of each table and index, and of each column of the first table, for one row of that."""
    what = tables[0]
    count: int = db.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
    try:
        sizes = db.execute(
            "SELECT s.tbl_name, s.name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name"
            " GROUP BY s.name ORDER BY s.type DESC, sum(d.pgsize) DESC"
        ).fetchall()
    except sqlite3.OperationalError as error:
        raise MeasurementError(f"This SQLite does not tell what is how large: {error}.") from None
    if count == 0:
        raise MeasurementError(f"There is no {what}.")
    parts = [(owner, name, size / count) for owner, name, size in sizes if owner in tables]
    whole = sum(size for _, _, size in parts)
    lines = [Line(f"one {what}", _bytes(whole), f"of {count:,}", f"at most {most}", bench.kept(whole <= most))]
    for owner, name, size in parts:
        lines.append(Line(f"  {'table' if owner == name else 'index'} {name}", _bytes(size)))
        if name == what:
            lines += [Line(f"    {column}", _bytes(size)) for column, size in _columns(db, what, count)]
    return lines


def _columns(db: sqlite3.Connection, name: str, count: int) -> list[tuple[str, float]]:
    """The columns of a table and the bytes of their values, the largest first."""
    columns = [row[1] for row in db.execute(f"PRAGMA table_info ({name})")]
    size = (
        "CASE typeof({0}) WHEN 'null' THEN 0 WHEN 'integer' THEN CASE WHEN {0} IN (0, 1) THEN 0"
        " WHEN abs({0}) < 128 THEN 1 WHEN abs({0}) < 32768 THEN 2 WHEN abs({0}) < 8388608 THEN 3"
        " WHEN abs({0}) < 2147483648 THEN 4 ELSE 6 END ELSE length(CAST({0} AS BLOB)) END"
    )
    sums = db.execute(f"SELECT {', '.join(f'sum({size.format(column)})' for column in columns)} FROM {name}").fetchone()
    return sorted(((column, size / count) for column, size in zip(columns, sums, strict=True)), key=lambda of: -of[1])


def _bytes(size: float) -> str:
    return f"{size:.1f}"


def live(folder: Path) -> None:
    """Run on each of the days, as if they had passed."""
    from nurture_cli.clock import FixedClock, SystemClock
    from nurture_cli.project import load_project
    from nurture_cli.runner.run import run as run_once

    project, now = load_project(folder), SystemClock().now()
    for day in DAYS:
        run_once(project, folder / "nurture.db", FixedClock(now + day * DAY))


if __name__ == "__main__":
    live(Path(sys.argv[1]))
