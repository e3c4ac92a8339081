"""Time zones: which names there are, what a wrong one may have meant, and how a zone's clock runs.

The rule for clock changes, everywhere: a local time that does not exist means the first instant after the gap, a
local time that exists twice means the first of the two.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

_DAY = 86400
_BLOCK = 64 * _DAY  # offsets are looked up and remembered for so long at once
_PROBE = 2 * _DAY  # since 1900 no zone has changed its clock twice within so short a time
_WIDEST_OFFSET = 16 * 3600  # no zone is further from UTC


def valid_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone, spelled exactly."""
    return name in zone_names()


def turned_round(zone: str) -> str | None:
    """What a zone such as `Etc/GMT+5` means: `5 hours behind UTC`, the opposite of what its sign says elsewhere."""
    found = re.fullmatch(r"Etc/GMT([-+])([1-9][0-9]?)", zone)
    if found is None:
        return None
    return f"{found[2]} {'hour' if found[2] == '1' else 'hours'} {'behind' if found[1] == '+' else 'ahead of'} UTC"


_ABBREVIATIONS = {
    "PST": ("America/Los_Angeles",),
    "PDT": ("America/Los_Angeles",),
    "MDT": ("America/Denver",),
    "CST": ("America/Chicago", "Asia/Shanghai"),
    "CDT": ("America/Chicago",),
    "EDT": ("America/New_York",),
    "BST": ("Europe/London",),
    "EST": ("America/New_York",),
    "MST": ("America/Denver",),
    "HST": ("Pacific/Honolulu",),
    "CET": ("Europe/Berlin", "Europe/Paris"),
    "CEST": ("Europe/Berlin", "Europe/Paris"),
    "MET": ("Europe/Berlin",),
    "WET": ("Europe/Lisbon",),
    "EET": ("Europe/Athens", "Europe/Helsinki"),
    "EEST": ("Europe/Athens", "Europe/Helsinki"),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "JST": ("Asia/Tokyo",),
    "AEST": ("Australia/Sydney", "Australia/Brisbane"),
}


def is_abbreviation(name: str) -> bool:
    """Whether `name` is an abbreviation such as `CET`, which several places share."""
    return name.strip().upper() in _ABBREVIATIONS


def nearest_zones(name: str) -> list[str]:
    """Up to three IANA names that `name` may have meant; none for a bare offset, which names no place."""
    import difflib

    wanted = name.strip().replace(" ", "_").lower()
    if wanted.upper() in _ABBREVIATIONS:
        return list(_ABBREVIATIONS[wanted.upper()])
    if re.fullmatch(r"(utc|gmt|z)?[-+]?[0-9:]*", wanted):
        return []
    lower = {zone.lower(): zone for zone in sorted(zone_names())}
    if wanted in lower:
        return [lower[wanted]]
    cities: dict[str, str] = {}
    for zone in sorted(lower, key=lambda zone: (zone.count("/") != 1, zone)):
        cities.setdefault(zone.rpartition("/")[2], lower[zone])
    if wanted in cities:
        return [cities[wanted]]
    near = [lower[zone] for zone in difflib.get_close_matches(wanted, lower, n=3, cutoff=0.7)]
    near += [cities[city] for city in difflib.get_close_matches(wanted, cities, n=3, cutoff=0.75)]
    return list(dict.fromkeys(near))[:3]


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names as the tzdata package lists them: spelled exactly, whatever the file system thinks of case."""
    import tzdata  # type: ignore[import-untyped]  # it is data; it has no types

    return frozenset(Path(tzdata.__path__[0], "zones").read_text(encoding="ascii").split())


def offset_at(zone: str, instant: int) -> tuple[int, int]:
    """The offset from UTC in seconds at `instant`, and an instant up to which it certainly holds."""
    for until, offset in _offsets(zone, instant // _BLOCK):
        if instant < until:
            return offset, until
    raise AssertionError("the last piece of a block ends with the block")


@lru_cache(maxsize=16384)
def _offsets(zone: str, block: int) -> tuple[tuple[int, int], ...]:
    """The pieces of a block of time in which the offset is one: (end of the piece, offset), in order."""
    if not valid_zone(zone):
        raise ValueError(f"`{zone}` is not a time zone: write an IANA name such as `Europe/Berlin`.")
    info = ZoneInfo(zone)

    def at(instant: int) -> int:
        ahead = datetime.fromtimestamp(instant, info).utcoffset()
        assert ahead is not None
        return ahead // timedelta(seconds=1)

    pieces: list[tuple[int, int]] = []
    end = (block + 1) * _BLOCK
    low, current = block * _BLOCK, at(block * _BLOCK)
    while low < end:
        high = min(low + _PROBE, end)
        if at(high) != current:
            before, after = low, high  # the clock changes in (before, after]
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if at(middle) == current else (before, middle)
            if after < end:
                pieces.append((after, current))
                current = at(after)
            high = after
        low = high
    pieces.append((end, current))
    return tuple(pieces)


def first_instant(wall: int, zone: str) -> int:
    """The first instant at which the local clock reads `wall` (seconds since 1970-01-01 00:00 local) or later."""
    instant = wall - _WIDEST_OFFSET
    while True:
        offset, until = offset_at(zone, instant)
        found = max(instant, wall - offset)
        if found < until:
            return found
        instant = until
