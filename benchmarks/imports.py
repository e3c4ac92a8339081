"""Importing a list against `csv.reader` into `executemany`."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, Several, Timing, megabytes, run, shown, table
from benchmarks.people import COLUMNS, rows
from benchmarks.project import write_project

TIMES = 2
MARGIN = 100_000_000  # what a long list may take more than a short one


def write_csv(file: Path, contacts: int) -> None:
    """A list of contacts with the program's own names as headings."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(rows(contacts))


def measure(bench: Bench) -> bool:
    """Time both into fresh databases, by turns."""
    long, short = (bench.folder / f"contacts-{contacts}.csv" for contacts in (bench.contacts, bench.few))
    for file, contacts in ((long, bench.contacts), (short, bench.few)):
        write_csv(file, contacts)
    scratch = bench.folder / "import"
    loops, imports = [], []
    for _ in range(bench.times(5)):
        loops.append(_loop(scratch, long))
        imports.append(_import(scratch, long))
    plain, imported, few = Several(tuple(loops)), Several(tuple(imports)), _import(scratch, short)
    shutil.rmtree(scratch)
    ratio = imported.seconds / plain.seconds
    return table(
        f"import: {bench.contacts:,} contacts, {megabytes(long.stat().st_size)} of CSV",
        [
            Line("csv.reader into executemany", shown(plain.seconds), plain.spread),
            Line("nurture contacts import", shown(imported.seconds), imported.spread),
            Line("  times the loop", f"{ratio:.2f}", "", f"at most {TIMES}", bench.kept(ratio <= TIMES)),
            Line("  contacts a second", f"{bench.contacts / imported.seconds:,.0f}"),
            Line(
                "  peak memory",
                megabytes(imported.rss),
                f"{megabytes(few.rss)} for {bench.few:,} contacts",
                f"at most {megabytes(MARGIN)} more",
                bench.kept(imported.rss <= few.rss + MARGIN),
            ),
        ],
    )


def _loop(scratch: Path, file: Path) -> Timing:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    return run((sys.executable, "-m", "benchmarks.by_hand", "load", str(file), str(scratch / "plain.db")))


def _import(scratch: Path, file: Path) -> Timing:
    shutil.rmtree(scratch, ignore_errors=True)
    write_project(scratch, campaigns=1)
    run((*NURTURE, "init", str(scratch)))
    return run((*NURTURE, "contacts", "import", str(file), "--project", str(scratch)))
