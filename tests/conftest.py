"""What all tests share: time that stands still, a command line to call, and guards against the outside."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from nurture_cli.clock import SteppingClock, SystemClock
from tests.projects import SHOP, make_database, write_files

if TYPE_CHECKING:
    from tests.planner.nursery import Nursery
    from tests.reader import Reader

# A busy machine is no failure. CI tries the same each time, so that what fails there fails because of a change.
settings.register_profile("steady", max_examples=40, deadline=None, derandomize="CI" in os.environ)
settings.register_profile("thorough", max_examples=400, deadline=None)
settings.load_profile("steady")

# Tuesday, 3 March 2026, 10:00 in Berlin: a working hour of a working day, far from any change of the clocks.
A_TUESDAY_MORNING = 1772528400

SHARED = Path(os.environ.get("NURTURE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000  # bytes; a container may have much less


def pytest_configure() -> None:
    """Let projects of tests be in memory where that can be, so that a commit need not wait for a disk.

    What reaches a disk in which order is looked at by `runner/test_durability.py`. TMPDIR chooses another place.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir():
        there = os.statvfs(MEMORY)
        if there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & os.ST_NOEXEC:
            os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="rewrite golden files and transcripts with what the program says now"
    )


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def nursery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nursery]:
    """A small project whose campaign stands in the test's docstring."""
    from tests.planner.nursery import nursery_of

    made = nursery_of(request.function, tmp_path)
    yield made
    made.db.close()


@pytest.fixture
def reader(nurture: Nurture, clock: SteppingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Somebody who does what a guide says, in a home of their own."""
    from tests.reader import Reader

    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    return Reader(nurture, clock, home)


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
    monkeypatch.setenv("TZ", "Europe/Berlin")
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


class _Screen(io.TextIOWrapper):
    """A stream that says whether it is a terminal, and keeps what it is told."""

    def __init__(self, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def told(self) -> str:
        """Everything that was written."""
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


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
        return Answer(code, out.told(), "" if together else err.told())

    return call


@contextlib.contextmanager
def _standing_in(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
    else:
        with contextlib.chdir(folder):
            yield


MakeProject = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, clock: SteppingClock) -> MakeProject:
    """Make a project: the small shop, with files given as `{name: text}` added or replaced, and those of None gone."""

    def make(files: Mapping[str, str | None] | None = None, *, database: bool = True) -> Path:
        root = write_files(tmp_path / "shop", SHOP | dict(files or {}))
        if database:
            make_database(root, clock.now())
        return root

    return make


@pytest.fixture
def shop(project: MakeProject) -> Path:
    """The small shop, with an empty database."""
    return project()


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """A file of the shared test data, or a skipped test."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"The shared test data is not here (looked for {name}); set NURTURE_SHARED_DATA to its folder.")
        return path

    return find


AddPerson = Callable[..., None]


@pytest.fixture
def person(shop: Path, nurture: Nurture) -> AddPerson:
    """Add a contact that may be written to: `person("ann@example.com", "fair", employees=20)`."""

    def add(email: str, *tags: str, **facts: object) -> None:
        consent = {"consent": "express", "consent_basis": "form", "consent_source": "fair 2026"}
        words = [f"{name}={value}" for name, value in (consent | facts).items()]
        assert nurture("contacts", "add", email, *words, cwd=shop).code == 0
        if tags:
            assert nurture("contacts", "tag", email, *tags, cwd=shop).code == 0

    return add


@pytest.fixture(autouse=True)
def same_streams() -> Iterator[None]:
    """A command never leaves the process with other streams than it came with."""
    before = (sys.stdin, sys.stdout, sys.stderr)
    yield
    assert (sys.stdin, sys.stdout, sys.stderr) == before
