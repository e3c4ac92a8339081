"""Checking a project that has grown for years."""

from __future__ import annotations

import shutil

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, by_turns, megabytes, shown, table
from benchmarks.project import write_winding_project

CAMPAIGNS, ASSETS = 40, 600
SECONDS = 1.0


def measure(bench: Bench) -> bool:
    """Time `check` on forty campaigns and six hundred assets, none of them wrong."""
    folder = bench.folder / "check"
    shutil.rmtree(folder, ignore_errors=True)
    write_winding_project(folder, CAMPAIGNS, ASSETS)
    (checked,) = by_turns(bench.times(7), (*NURTURE, "check", "--project", str(folder)))
    return table(
        f"check: {CAMPAIGNS} campaigns, {ASSETS} assets",
        [
            Line("nurture check", shown(checked.seconds), checked.spread, "below 1 s", checked.seconds < SECONDS),
            Line("  peak memory", megabytes(checked.rss)),
        ],
    )
