"""A plan for a million contacts against the best hand-written SQL for the same decision."""

from __future__ import annotations

import json
import sys

from benchmarks.bench import Bench, written
from benchmarks.measure import NURTURE, Line, MeasurementError, by_turns, megabytes, run, shown, table
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
    due, held = _same(plan, hand)
    planned, by_hand, start = by_turns(bench.rounds, plan, hand, (*NURTURE, "--version"))
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


def _same(plan: tuple[str, ...], hand: tuple[str, ...]) -> tuple[int, int]:
    """How many are due and held; fails when the two do not name the very same touches and reasons."""
    said = []
    for words in (plan, hand):
        lines = [json.loads(line) for line in run(words).out.splitlines()]
        said.append(
            {
                (
                    line["type"],
                    line["email"],
                    line["campaign"],
                    line["asset"],
                    line["reason"] * (line["type"] == "held"),
                )
                for line in lines
                if line["type"] in ("due", "held")
            }
        )
    if said[0] != said[1]:
        odd = sorted(said[0] ^ said[1])[:3]
        raise MeasurementError(
            f"The plan and the hand-written SQL differ in {len(said[0] ^ said[1])} touches, such as {odd}."
        )
    due = sum(row[0] == "due" for row in said[0])
    return due, len(said[0]) - due
