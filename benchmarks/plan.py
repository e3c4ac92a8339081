"""A plan for a million contacts against the best hand-written SQL for the same decision."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.bench import Bench, written
from benchmarks.measure import NURTURE, Line, by_turns, megabytes, run, shown, table
from benchmarks.world import Shape, world

TIMES = 3  # a plan may take so many times what the statement takes, and its own start-up
MEMORY = 300_000_000


def measure(bench: Bench) -> bool:
    """Time both, having made sure that they decide the same."""
    folder = bench.folder / f"world-{bench.contacts}"
    made = world(folder, Shape(bench.contacts))
    database = str(folder / "nurture.db")
    plan = (*NURTURE, "plan", "--json", "--at", written(made["at"]), "--project", str(folder))
    hand = (sys.executable, "-m", "benchmarks.by_hand", "plan", database, str(made["at"]))
    due, held = _same(folder, plan, hand)
    planned, by_hand, start = by_turns(bench.times(7), plan, hand, (*NURTURE, "--version"))
    allowed = TIMES * by_hand.seconds + start.seconds
    return table(
        f"plan: {bench.contacts:,} contacts, ten touches each; {due:,} due, {held:,} held",
        [
            Line("hand-written SQL", shown(by_hand.seconds), by_hand.spread),
            Line("nurture --version", shown(start.seconds), start.spread),
            Line(
                "nurture plan --json",
                shown(planned.seconds),
                planned.spread,
                f"at most {TIMES} x the SQL + start-up = {shown(allowed)}",
                bench.kept(planned.seconds <= allowed),
            ),
            Line("  times the SQL", f"{planned.seconds / by_hand.seconds:.2f}"),
            Line("peak memory, SQL", megabytes(by_hand.rss)),
            Line(
                "peak memory, plan",
                megabytes(planned.rss),
                "",
                f"below {megabytes(MEMORY)}",
                bench.kept(planned.rss < MEMORY),
            ),
        ],
    )


def _same(folder: Path, plan: tuple[str, ...], hand: tuple[str, ...]) -> tuple[int, int]:
    """How many are due and held; fails when the two do not name the very same touches and reasons."""
    files = (folder / "plan.jsonl", folder / "hand.jsonl")
    for file, words in zip(files, (plan, hand), strict=True):
        file.write_bytes(run(words).out)
    told = run((sys.executable, "-m", "benchmarks.agreement", *map(str, files)))
    due, held = told.out.split()
    return int(due), int(held)
