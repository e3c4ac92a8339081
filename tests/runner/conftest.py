"""Fixtures of the runner's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.server import Server
from tests.runner.house import House
from tests.runner.lives import Lives


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A folder for a project; `build` makes it one."""
    return House(tmp_path)


@pytest.fixture
def sink() -> Iterator[Server]:
    """A relay that takes everything."""
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    """Runs in processes of their own."""
    with Lives() as forking:
        yield forking
