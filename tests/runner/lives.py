"""Runs that die: a process with everything loaded, which forks a run on each order and says how it ended.

Started as `python -m tests.runner.lives`; reads one JSON order a line, answers one line with the exit code (negative:
the signal). Nothing here is stood in for: the run is a real one, and its death is that of a real process.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType

from nurture_cli.errors import NurtureError
from nurture_cli.runner import context
from tests.runner.house import House
from tests.signals import AS_FROM_A_TERMINAL

KILLED = 137


@dataclass(frozen=True)
class Life:
    """One run in a process of its own; at the `hit`-th time that it comes to `point` it is killed, or told to stop.

    `share_below`: seconds; 0 settles each touch at once, a big number shares every commit that can be shared.
    """

    folder: str
    at: int
    point: str = ""
    hit: int = 1
    told: int = 0  # this signal is sent instead of dying,
    times: int = 1  # so often
    to_worker: bool = False  # and to the process beside it
    kill_after: float | None = None  # seconds after the first claim; a SIGKILL from outside
    share_below: float = 0.0
    pause: float = 0.0  # seconds at each crash point, so that a kill from outside meets them all


class Lives:
    """The forking process, seen from the test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*AS_FROM_A_TERMINAL, sys.executable, "-m", "tests.runner.lives"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )

    def __enter__(self) -> Lives:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def live(self, life: Life) -> int:
        """Let one run live its life; returns its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(life)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    """Fork a run for each order."""
    _load_everything()
    for line in sys.stdin:
        life = Life(**json.loads(line))
        claimed, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os._exit(_live(life, tell))
        os.close(tell)
        if life.kill_after is not None:
            os.read(claimed, 1)  # or the end of the child
            time.sleep(life.kill_after)
            os.kill(child, signal.SIGKILL)
        os.close(claimed)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _load_everything() -> None:
    """Let a first run import what runs import on their way, so that not every life has to."""
    with tempfile.TemporaryDirectory() as folder:
        House(Path(folder)).build(0, contacts=1, mail="{type: outbox}").run()
    import_module("nurture_cli.delivery.smtp")


def _worker() -> int:
    """The process that renders beside this one; there must be one."""
    (worker,) = multiprocessing.active_children()
    assert worker.pid is not None
    return worker.pid


def _live(life: Life, tell: int) -> int:
    hits = 0

    def pass_point(name: str) -> None:
        nonlocal hits
        if life.pause:
            time.sleep(life.pause)
        if name == "before_claim":
            os.write(tell, b"!")
        if name != life.point:
            return
        hits += 1
        if hits == life.hit:
            if not life.told:
                os._exit(KILLED)
            for _ in range(life.times):
                os.kill(_worker() if life.to_worker else os.getpid(), life.told)

    makes = context.RunContext

    def make(**facts: object) -> context.RunContext:
        return makes(**facts, share_below=life.share_below)  # type: ignore[arg-type]

    context.RunContext = make  # type: ignore[assignment,misc]
    try:
        return House(Path(life.folder)).run(life.at, crash_point=pass_point).exit_code
    except NurtureError as error:
        return error.exit_code
    except BaseException:
        traceback.print_exc()
        return 99


if __name__ == "__main__":
    main()
