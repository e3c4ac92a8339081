"""The fixture of planner tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.planner.nursery import Nursery, nursery_of


@pytest.fixture
def nursery(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nursery]:
    """A small project whose campaign stands in the test's docstring."""
    made = nursery_of(request.function, tmp_path)
    yield made
    made.db.close()
