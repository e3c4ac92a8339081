"""How long one waits for help."""

from __future__ import annotations

import sys

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, by_turns, shown, table

SECONDS = 0.150


def measure(bench: Bench) -> bool:
    """Time `--help` and, to compare, Python that does nothing."""
    nothing = (sys.executable, "-c", "pass")
    python, help_, of_run = by_turns(bench.times(9), nothing, (*NURTURE, "--help"), (*NURTURE, "run", "--help"))
    return table(
        "help",
        [
            Line("python -c pass", shown(python.seconds), python.spread),
            Line(
                "nurture --help", shown(help_.seconds), help_.spread, f"below {shown(SECONDS)}", help_.seconds < SECONDS
            ),
            Line("nurture run --help", shown(of_run.seconds), of_run.spread),
        ],
    )
