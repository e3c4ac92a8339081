"""Whole processes, timed from outside, and the tables that come of it.

The process that measures stays small on purpose: on Linux a child's peak of resident memory is never reported lower
than that of the process that started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

NURTURE = (sys.executable, "-m", "nurture_cli")
REPOSITORY = Path(__file__).resolve().parent.parent
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is bytes there, KiB elsewhere


class MeasurementError(Exception):
    """A command that is measured did not do what it should."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One run of one process: seconds from start to end and of the processor, peak resident bytes, what it printed.

    `written`: the bytes that it wrote into files and pipes, files without a name included; 0 where nobody counts them.
    """

    seconds: float
    cpu: float
    rss: int
    out: bytes
    written: int


def run(
    words: Sequence[str], *, cwd: Path = REPOSITORY, ok: Sequence[int] = (0,), extra: Mapping[str, str] | None = None
) -> Timing:
    """Run a process to its end; any exit code but those in `ok` is a failure, told with what it said."""
    surroundings = {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", **(extra or {})}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program does not compile its sources at each start
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(words), cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=surroundings
        )
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - began
        written = _written(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in ok:
            told = (err.read() + out.read())[-2000:].decode("utf-8", "replace").strip()
            raise MeasurementError(f"`{' '.join(words)}` ended with {process.returncode}:\n{told}")
        return Timing(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT, out.read(), written)


def _written(pid: int) -> int:
    """The bytes that a process has written, by its system calls: what reaches the disk depends on the file system."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
    except OSError:
        return 0
    return int(dict(line.split(": ") for line in lines)["wchar"])


@dataclass(frozen=True, slots=True)
class Several:
    """The same process run several times."""

    timings: tuple[Timing, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(timing.seconds for timing in self.timings)

    @property
    def spread(self) -> str:
        """The fastest and the slowest, for the table."""
        seconds = sorted(timing.seconds for timing in self.timings)
        return f"{shown(seconds[0])} to {shown(seconds[-1])}"

    @property
    def rss(self) -> int:
        """The highest peak."""
        return max(timing.rss for timing in self.timings)


def by_turns(times: int, *commands: Sequence[str], ok: Sequence[int] = (0,)) -> list[Several]:
    """Run each command once to warm up, then all in turn, so that a busy machine is unfair to none of them."""
    for words in commands:
        run(words, ok=ok)
    rounds = [[run(words, ok=ok) for words in commands] for _ in range(times)]
    return [Several(tuple(one[number] for one in rounds)) for number in range(len(commands))]


def shown(seconds: float) -> str:
    """A duration for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:.0f} MB"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `kept` is None where nothing is promised, or where the world is too small to tell."""

    what: str
    value: str
    note: str = ""
    promise: str = ""
    kept: bool | None = None


def table(title: str, lines: Sequence[Line]) -> bool:
    """Print a table; returns whether every promise in it was kept."""
    rows = [
        (line.what, line.value, line.note, line.promise, {None: "", True: "kept", False: "MISSED"}[line.kept])
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    say(f"\n{title}")
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].rjust(widths[1]), *(row[n].ljust(widths[n]) for n in (2, 3, 4))]
        say("  " + "  ".join(cells).rstrip())
    return all(line.kept is not False for line in lines)


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
