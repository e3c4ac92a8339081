"""Local clocks of every zone, and the instants at which they change, found without the code that is tested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from nurture_cli.timing import parse_instant
from nurture_cli.zones import zone_names

HOUR, DAY = 3600, 86400
BERLIN = "Europe/Berlin"
ZONES = sorted(zone_names())
INSTANTS = st.integers(min_value=0, max_value=3_500_000_000)  # 1970 to 2080


def at(text: str, zone: str = BERLIN) -> int:
    return parse_instant(text, zone)


def local(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(zone))


@cache
def clock_changes(zone: str, year: int = 2026) -> tuple[int, ...]:
    """The instants at which the offset of the zone becomes another, found second by second."""

    def ahead(instant: int) -> timedelta | None:
        return local(instant, zone).utcoffset()

    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    changes = []
    for day in range(first, first + 366 * DAY, DAY):
        low, high = day, day + DAY
        if ahead(low) != ahead(high):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == ahead(low) else (low, middle)
            changes.append(high)
    return tuple(changes)


@cache
def all_clock_changes() -> list[tuple[str, int]]:
    """Every zone with each of its changes; found when a test asks first, for it takes a second."""
    return [(zone, change) for zone in ZONES for change in clock_changes(zone)]


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and an instant, more often than not within two days of a change of its clock."""
    if draw(st.booleans()):
        zone, change = draw(st.sampled_from(all_clock_changes()))
        return zone, change + draw(st.integers(-2 * DAY, 2 * DAY))
    return draw(st.sampled_from(ZONES)), draw(INSTANTS)
