"""What all tests share: time that stands still, a command line to call, and guards against the outside."""

from __future__ import annotations

import contextlib
import io
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock, SystemClock

# Tuesday, 3 March 2026, 10:00 in Berlin: a working hour of a working day, far from any change of the clocks.
A_TUESDAY_MORNING = 1772528400


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="rewrite golden files and transcripts with what the program says now"
    )


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True)
def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reads the machine's clock, or talks to anything but this machine, fails."""

    def no_clock(self: SystemClock) -> int:
        raise AssertionError("A test read the machine's clock; pass a time instead.")

    really_connect = socket.socket.connect

    def connect_here_only(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"A test tried to connect to {host}.")
        really_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(SystemClock, "now", no_clock)
    monkeypatch.setattr(socket.socket, "connect", connect_here_only)


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the developer's terminal nor their own configuration changes what a test sees."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-configuration"))


@pytest.fixture
def clock() -> SteppingClock:
    """A Tuesday morning; moves when it is told to."""
    return SteppingClock(A_TUESDAY_MORNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command line printed, and how it ended."""

    code: int
    out: str
    err: str


class _Screen(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


Nurture = Callable[..., Answer]


@pytest.fixture
def nurture(clock: SteppingClock, monkeypatch: pytest.MonkeyPatch) -> Nurture:
    """Call the command line in this process: `nurture("plan", "--json", cwd=folder, terminal=False)`."""
    from nurture_cli.cli.boundary import main

    def call(
        *words: object,
        cwd: Path | None = None,
        terminal: bool = False,
        columns: int = 100,
        together: bool = False,
    ) -> Answer:
        out = _Screen(terminal)
        err = out if together else _Screen(terminal)
        monkeypatch.setenv("COLUMNS", str(columns))
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            stack.enter_context(_standing_in(cwd))
            code = main([str(word) for word in words], clock=clock)
        return Answer(code, out.getvalue(), "" if together else err.getvalue())

    return call


@contextlib.contextmanager
def _standing_in(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
    else:
        with contextlib.chdir(folder):
            yield


@pytest.fixture(autouse=True)
def same_streams() -> Iterator[None]:
    """A command never leaves the process with other streams than it came with."""
    before = (sys.stdin, sys.stdout, sys.stderr)
    yield
    assert (sys.stdin, sys.stdout, sys.stderr) == before
