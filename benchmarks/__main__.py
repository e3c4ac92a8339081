"""`python -m benchmarks all`: what the project promises about speed and memory, measured."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import MeasurementError, say

MEASUREMENTS = {
    "help": "start", "check": "check", "plan": "plan", "idle": "idle", "funnel": "funnel",
    "example": "example", "scale": "scale", "import": "imports", "delivery": "delivery", "reading": "reading",
    "growth": "growth", "doubts": "doubts", "bytes": "bytes",
}  # fmt: skip


def main() -> int:
    """Measure what was asked for; 1 when a promise was not kept, 2 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="+", choices=[*MEASUREMENTS, "all"])
    parser.add_argument("--small", action="store_true", help="see in a minute that the measuring works")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "nurture-benchmarks",
        help="where worlds are made and kept for the next time (about 10 GB in full size)",
    )
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    bench = (
        Bench(given.folder, contacts=2_000, few=200, mails=100)
        if given.small
        else Bench(given.folder, contacts=1_000_000, few=10_000, mails=20_000)
    )
    names = list(MEASUREMENTS) if "all" in given.what else given.what
    answers = [_measured(name, bench) for name in names]
    return max(answers)


def _measured(name: str, bench: Bench) -> int:
    try:
        kept: bool = import_module(f"benchmarks.{MEASUREMENTS[name]}").measure(bench)
    except MeasurementError as error:
        say(f"\n{name}: not measured. {error}")
        return 2
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
