"""Instants as people and programs read them, always with their zone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from nurture_cli.timing import format_instant


def written(instant: int | None, zone: str) -> str:
    """An instant for people; nothing for a missing one."""
    return "" if instant is None else format_instant(instant, zone)


def iso(instant: int | None, zone: str) -> str | None:
    """An instant for programs, as ISO 8601 with its offset."""
    return None if instant is None else _iso(instant, zone)


@lru_cache(maxsize=4096)
def _iso(instant: int, zone: str) -> str:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()
