"""The only door to time. An instant is an `int`: whole seconds since 1970-01-01 UTC."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> int: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return int(time.time())  # noqa: TID251  the one place


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still at `at`."""

    at: int

    def now(self) -> int:
        return self.at


@dataclass(slots=True)
class SteppingClock:
    """A clock that moves only when it is told to."""

    at: int

    def now(self) -> int:
        return self.at

    def advance(self, seconds: int) -> None:
        """Move forward by `seconds`."""
        self.at += seconds
