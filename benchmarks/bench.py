"""What all measurements share: where worlds are kept, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bench:
    """The size of everything; a small one shows that the measuring works and proves nothing about promises."""

    folder: Path
    contacts: int
    few: int  # the small list that a large one is compared with
    mails: int

    @property
    def proves(self) -> bool:
        """Whether it is large enough for promises."""
        return self.contacts >= 1_000_000

    def times(self, many: int) -> int:
        """How often to measure something: so many times, or once where nothing is proved."""
        return many if self.proves else 1

    def kept(self, promise: bool) -> bool | None:
        """Whether a promise about a large list was kept; None when this list is not one."""
        return promise if self.proves else None


def written(at: int) -> str:
    """An instant for `--at`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
