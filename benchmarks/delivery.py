"""Mails a second into a sink on this machine, rendered, built and delivered with the full protocol."""

from __future__ import annotations

import shutil
import sys
from statistics import median

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, MeasurementError, Several, Timing, megabytes, run, shown, table
from benchmarks.sink import Sink
from benchmarks.world import Shape, world

SHARE = 0.59  # of the mails a second of a plain loop
CONNECTIONS = (1, 4)


def measure(bench: Bench) -> bool:
    """Let everybody be due, run, and ask the sink; by turns with the loop, since disks have moods."""
    loops: list[float] = []
    rates: dict[int, list[float]] = {connections: [] for connections in CONNECTIONS}
    whole: dict[int, list[Timing]] = {connections: [] for connections in CONNECTIONS}
    for _ in range(bench.times(3)):
        loops.append(_by_hand(bench))
        for connections in CONNECTIONS:
            timing, rate = _run(bench, connections)
            whole[connections].append(timing)
            rates[connections].append(rate)
    lines = [Line("plain loop, one commit a mail", *_shown(loops), kept=None)]
    loop, one = median(loops), median(rates[1])
    for connections, seen in rates.items():
        several = Several(tuple(whole[connections]))
        promised = one >= SHARE * loop if connections == 1 else median(seen) > one
        lines += [
            Line(
                f"nurture run, {connections} connection{'s' * (connections > 1)}",
                *_shown(seen),
                f"at least {SHARE:.0%} of that" if connections == 1 else "more than on 1",
                bench.kept(promised),
            ),
            Line("  from start to end", shown(several.seconds), several.spread),
            Line("  peak memory", megabytes(several.rss)),
        ]
    return table(f"delivery: {bench.mails:,} mails", lines)


def _shown(rates: list[float]) -> tuple[str, str]:
    return f"{median(rates):,.0f}/s", f"{min(rates):,.0f}/s to {max(rates):,.0f}/s"


def _by_hand(bench: Bench) -> float:
    folder = bench.folder / "by-hand"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = (sys.executable, "-m", "benchmarks.by_hand", "send", str(folder / "sent.db"))
    with Sink() as sink:
        run((*words, str(sink.port), str(bench.mails)))
    shutil.rmtree(folder)
    return _rate(sink, bench.mails)


def _run(bench: Bench, connections: int) -> tuple[Timing, float]:
    folder = bench.folder / "delivery"
    with Sink() as sink:
        channel = f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off', connections: {connections}}}"
        world(folder, Shape(bench.mails, due_in_hundred=100, mixed=False, channel=channel))
        timing = run((*NURTURE, "run", "--project", str(folder)))
    shutil.rmtree(folder)
    return timing, _rate(sink, bench.mails)


def _rate(sink: Sink, mails: int) -> float:
    """Mails a second from the first to the last; fails unless each came exactly once."""
    told = sink.told
    if told["mails"] != mails or told["again"]:
        raise MeasurementError(f"The sink saw {told['mails']} mails, {told['again']} of them again; {mails} were due.")
    return (mails - 1) / told["seconds"]
