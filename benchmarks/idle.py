"""Nothing due: what a run under cron costs almost every time."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, by_turns, megabytes, shown, table
from benchmarks.world import Shape, asleep, world

SECONDS = 0.3
SLOWER = 1.2  # a long list may be so much slower than a short one


def measure(bench: Bench) -> bool:
    """Time `run` and `plan` on a long and on a short list, by turns."""
    folders = [bench.folder / f"world-{contacts}" for contacts in (bench.contacts, bench.few)]
    with ExitStack() as sleeping:
        for folder, contacts in zip(folders, (bench.contacts, bench.few), strict=True):
            sleeping.enter_context(asleep(folder, world(folder, Shape(contacts))))
        commands = [(*NURTURE, verb, "--project", str(folder)) for verb in ("run", "plan") for folder in folders]
        run_long, run_short, plan_long, plan_short = by_turns(bench.times(9), *commands)
    lines = []
    for verb, long, short in (("run", run_long, run_short), ("plan", plan_long, plan_short)):
        ratio = long.seconds / short.seconds
        lines += [
            Line(
                f"nurture {verb}, {bench.contacts:,} contacts",
                shown(long.seconds),
                long.spread,
                f"below {shown(SECONDS)}",
                bench.kept(long.seconds < SECONDS),
            ),
            Line(f"nurture {verb}, {bench.few:,} contacts", shown(short.seconds), short.spread),
            Line("  long / short", f"{ratio:.2f}", "", f"at most {SLOWER}", bench.kept(ratio <= SLOWER)),
            Line("  peak memory", megabytes(long.rss), f"{megabytes(short.rss)} for the short list"),
        ]
    return table("idle: nothing is due", lines)
