"""Mails a second into a sink on this machine, rendered, built and handed over with the full protocol."""

from __future__ import annotations

import shutil
import sys

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, MeasurementError, Timing, megabytes, run, shown, table
from benchmarks.sink import Sink
from benchmarks.world import Shape, world

RATE = 800
CONNECTIONS = (1, 4)


def measure(bench: Bench) -> bool:
    """Let everybody be due, run, and ask the sink."""
    _, plain = _by_hand(bench)
    lines = [
        Line("plain loop, one commit a mail", f"{plain:,.0f}/s", "ready-made mails, 1 connection"),
    ]
    rates = {}
    for connections in CONNECTIONS:
        timing, rates[connections] = _run(bench, connections)
        note = f"{shown(timing.seconds)} from start to end, {megabytes(timing.rss)}"
        promise, kept = "", None
        if connections == 1:
            promise, kept = f"at least {RATE}/s", rates[1] >= RATE
        else:
            promise, kept = "more than on 1", rates[connections] > rates[1]
        lines.append(
            Line(
                f"nurture run, {connections} connection{'s' * (connections > 1)}",
                f"{rates[connections]:,.0f}/s",
                note,
                promise,
                bench.kept(kept),
            )
        )
    return table(f"delivery: {bench.mails:,} mails", lines)


def _by_hand(bench: Bench) -> tuple[Timing, float]:
    folder = bench.folder / "by-hand"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = (sys.executable, "-m", "benchmarks.by_hand", "send", str(folder / "sent.db"))
    with Sink() as sink:
        timing = run((*words, str(sink.port), str(bench.mails)))
    shutil.rmtree(folder)
    return timing, _rate(sink, bench.mails)


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
