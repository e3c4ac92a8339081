"""What the tests of the store share: a database on disk, one in memory, and other processes that use the first."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nurture_cli.keys import Keys
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection, open_writer
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.projects import new_database

KEYS = Keys(bytes(range(32)))

# Takes what it is told to, says so, and keeps it until its input ends.
_HOLDER = """
import sys
from pathlib import Path
from nurture_cli.store.database import open_writer, run_lock, writing
what, path = sys.argv[1], Path(sys.argv[2])
with run_lock(path) if what == "run" else writing(open_writer(path)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new database."""
    path = tmp_path / "nurture.db"
    new_database(path, AT, KEYS)
    return path


@pytest.fixture
def writer(path: Path) -> Iterator[Connection]:
    """A connection that may write to the new database."""
    db = open_writer(path)
    yield db
    db.close()


@pytest.fixture
def db() -> Iterator[Connection]:
    """A database that nobody else sees."""
    db = scratch(AT)
    yield db
    db.close()


@pytest.fixture
def keys() -> Keys:
    """The project's secret."""
    return KEYS


class Holder:
    """Another process that holds a lock until it is let go or killed."""

    def __init__(self, what: str, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HOLDER, what, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        """End in order."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(10) == 0

    def kill(self) -> None:
        """Die at once."""
        self._process.kill()
        assert self._process.wait(10) == -signal.SIGKILL

    def __enter__(self) -> Holder:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()


Hold = Callable[[str], Holder]


@pytest.fixture
def hold(path: Path) -> Iterator[Hold]:
    """Let another process hold `"run"` or `"write"`."""
    with ExitStack() as stack:
        yield lambda what: stack.enter_context(Holder(what, path))
