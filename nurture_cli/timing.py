"""Durations, send windows, zones, and the one function that computes the next allowed instant.

The rule for clock changes, everywhere: a local time that does not exist means the first instant after the gap, a
local time that exists twice means the first of the two. Whether a window is open is read off the local clock alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

DAY = 86400
LONGEST_DAYS = 3650  # a longer duration is a slip of the pen
LOOKAHEAD_DAYS = 400  # a window that stays shut longer than this is never open
FIRST_YEAR, LAST_YEAR = 1900, 2199  # an instant outside is a slip of the pen

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
_BLOCK = 64 * DAY  # offsets are looked up and remembered for so long at once
_PROBE = 2 * DAY  # since 1900 no zone has changed its clock twice within so short a time
_WIDEST_OFFSET = 16 * 3600  # no zone is further from UTC


class Unit(StrEnum):
    """What a duration counts."""

    SECONDS = "seconds"  # elapsed time
    DAYS = "days"  # calendar days, at the same local wall time
    BUSINESS_DAYS = "business days"  # calendar days without Saturdays, Sundays and closed dates


class NoTime(ValueError):
    """A length of time that is zero."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as the user wrote it."""

    amount: int
    unit: Unit
    text: str

    @property
    def seconds(self) -> int:
        """The length when looking back: a day counts 24 hours."""
        return self.amount if self.unit is Unit.SECONDS else self.amount * DAY


@dataclass(frozen=True, slots=True)
class WindowSpan:
    """Weekdays (Monday is 0) and minutes of the day; `end` before `start` wraps past midnight."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """When sending is allowed, in the contact's own zone."""

    spans: tuple[WindowSpan, ...]
    text: str


# How much one of each unit is. Months and years are left out: they differ in length.
_UNITS: dict[str, tuple[int, Unit]] = {
    **dict.fromkeys(("m", "minute", "minutes"), (60, Unit.SECONDS)),
    **dict.fromkeys(("h", "hour", "hours"), (3600, Unit.SECONDS)),
    **dict.fromkeys(("d", "day", "days"), (1, Unit.DAYS)),
    **dict.fromkeys(("w", "week", "weeks"), (7, Unit.DAYS)),
    **dict.fromkeys(("bd", "business day", "business days"), (1, Unit.BUSINESS_DAYS)),
}
_DURATION_EXAMPLES = "write a length such as `3 days`, `2 weeks`, `72h`, `30m` or `4 business days`"
_DURATION = re.compile(r"(?P<number>[-+]?[0-9][0-9_.,]*(?:[eE][-+]?[0-9]+)?) *(?P<unit>.*)")


def parse_duration(text: str) -> Duration:
    """Read `3 days`, `72h`, `4 business days`, …; raises ValueError with a whole sentence."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is not a length of time: {_DURATION_EXAMPLES}.")
    number, unit = found["number"], " ".join(found["unit"].split())
    if number.startswith("-"):
        raise ValueError(f"`{text}` is negative: a length of time is a whole number above zero.")
    if not number.isdigit():
        raise ValueError(f"`{text}` does not begin with a plain whole number: {_DURATION_EXAMPLES}.")
    if number != "0" and number.startswith("0"):
        raise ValueError(f"`{text}` begins with a zero: write the number without it.")
    if not unit:
        raise ValueError(f"`{text}` has no unit: write `{number} days`, `{number}h` or `{number} business days`.")
    if unit not in _UNITS:
        raise ValueError(f"`{text}` has the unknown unit `{unit}`: {_DURATION_EXAMPLES}.")
    size, kind = _UNITS[unit]
    if number == "0":
        raise NoTime(f"`{text}` is no time at all: a length of time is a whole number above zero.")
    longest = LONGEST_DAYS * DAY if kind is Unit.SECONDS else LONGEST_DAYS
    if len(number) > 9 or int(number) * size > longest:
        raise ValueError(f"`{text}` is longer than {LONGEST_DAYS} days, ten years: write a shorter time.")
    return Duration(amount=int(number) * size, unit=kind, text=text.strip())


_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW_EXAMPLE = "write days and times such as `Mon-Fri 09:00-17:00, Sat 10:00-12:00` or `daily 08:00-20:00`"
_WINDOW_PART = re.compile(r"(?P<days>[^ ]+) +(?P<start>[^ -]+) *- *(?P<end>[^ -]+)")
_CLOCK = re.compile(r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})")


def parse_window(text: str) -> Window:
    """Read `Mon-Fri 09:00-17:00, Sat 10:00-12:00`; raises ValueError with a whole sentence."""
    if not text.strip():
        raise ValueError(f"An empty window would never be open: {_WINDOW_EXAMPLE}.")
    return Window(spans=tuple(_parse_span(part.strip()) for part in text.split(",")), text=text.strip())


def _parse_span(part: str) -> WindowSpan:
    if not part:
        raise ValueError(f"Two commas follow each other, or one stands at an end: {_WINDOW_EXAMPLE}.")
    if "–" in part or "—" in part:
        raise ValueError(f"`{part}` has a long dash: write a plain hyphen, as in `Mon-Fri 09:00-17:00`.")
    found = _WINDOW_PART.fullmatch(part)
    if found is None:
        if _CLOCK.match(part):
            raise ValueError(f"`{part}` names no days: write `daily {part}` or `Mon-Fri {part}`.")
        raise ValueError(f"`{part}` is not a part of a window: {_WINDOW_EXAMPLE}.")
    start, end = _parse_clock(found["start"], part), _parse_clock(found["end"], part)
    if start == end or start == 1440:
        raise ValueError(f"`{part}` is never open: write `00:00-24:00` for a whole day.")
    return WindowSpan(days=_parse_days(found["days"], part), start=start, end=end)


def _parse_clock(text: str, part: str) -> int:
    """Minutes of the day; 24:00 is 1440."""
    found = _CLOCK.fullmatch(text)
    if found is not None:
        hour, minute = int(found["hour"]), int(found["minute"])
        if (hour < 24 and minute < 60) or (hour == 24 and minute == 0):
            return hour * 60 + minute
    raise ValueError(f"`{text}` in `{part}` is not a time of day: write hours and minutes such as `09:00`.")


def _parse_days(text: str, part: str) -> frozenset[int]:
    if text.lower() == "daily":
        return frozenset(range(7))
    first, dash, last = text.partition("-")
    for name in (first, last) if dash else (first,):
        if name.lower() not in _DAY_NAMES:
            raise ValueError(
                f"`{name}` in `{part}` is not a day: write Mon, Tue, Wed, Thu, Fri, Sat, Sun, a range such as "
                "`Mon-Fri`, or `daily`."
            )
    begin = _DAY_NAMES.index(first.lower())
    length = (_DAY_NAMES.index(last.lower()) - begin) % 7 if dash else 0
    return frozenset((begin + step) % 7 for step in range(length + 1))


# Not compiled here: that would take longer than all the rest of this module, and most commands read no instants.
_INSTANT = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?: ?(?:(?P<utc>[Zz])|(?P<sign>[-+])(?P<ahead>[0-9]{2}):?(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2}))?))?)?"
)


def parse_instant(text: str, zone: str) -> int:
    """Read an ISO date or time; one without an offset is in `zone`; raises ValueError with a whole sentence.

    A date alone is its first instant; parts of a second are cut off.
    """
    found = re.fullmatch(_INSTANT, text.strip())
    if found is None:
        raise ValueError(
            f"`{text}` is not a date or time: write it as `2026-11-22`, `2026-11-22 09:00` or "
            "`2026-11-22T09:00:00+01:00`."
        )
    part = {name: int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
    try:
        wall = datetime(**part, tzinfo=UTC)
    except ValueError:
        raise ValueError(f"`{text}` names a date or a time of day that does not exist.") from None
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise ValueError(f"`{text}` is not between the years {FIRST_YEAR} and {LAST_YEAR}.")
    seconds = int(wall.timestamp())
    if found["utc"]:
        return seconds
    if found["sign"]:
        hours, minutes, rest = int(found["ahead"]), int(found["minutes"]), int(found["seconds"] or 0)
        if hours > 15 or minutes > 59 or rest > 59:
            raise ValueError(f"`{text}` has an offset from UTC that no place on earth has.")
        ahead = hours * 3600 + minutes * 60 + rest
        return seconds - (ahead if found["sign"] == "+" else -ahead)
    return _first_instant(seconds, zone)


def format_instant(instant: int, zone: str) -> str:
    """Write an instant with its offset, such as `2026-11-22 09:00 +01:00`; seconds appear when they are not zero."""
    offset, _ = _offset(zone, instant)
    local = datetime.fromtimestamp(instant, timezone(timedelta(seconds=offset)))
    written = local.isoformat(" ", "seconds" if instant % 60 else "minutes")
    sign = written.rfind("+" if offset >= 0 else "-")
    return f"{written[:sign]} {written[sign:]}"


def is_date(text: str) -> bool:
    """Whether a text is a calendar date, year-month-day, that exists."""
    if len(text) != 10 or not text.isascii():
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def add(instant: int, duration: Duration, zone: str, closed: frozenset[str]) -> int:
    """The instant `duration` after `instant` for somebody who lives in `zone`."""
    if duration.unit is Unit.SECONDS:
        return instant + duration.amount
    wall = instant + _offset(zone, instant)[0]
    if duration.unit is Unit.DAYS:
        return _first_instant(wall + duration.amount * DAY, zone)
    day, second = divmod(wall, DAY)
    for _ in range(duration.amount):
        day += 1
        while (day + _EPOCH_WEEKDAY) % 7 > 4 or (closed and _iso_date(day) in closed):
            day += 1
    return _first_instant(day * DAY + second, zone)


def next_allowed(instant: int, window: Window | None, zone: str, closed: frozenset[str]) -> int:
    """The first instant at or after `instant` at which the window is open in `zone` on a day that is not closed.

    Raises ValueError when there is none within 400 days.
    """
    if window is None and not closed:
        return instant
    week = _week(window)
    asked = instant
    limit = instant + LOOKAHEAD_DAYS * DAY
    while instant <= limit:
        offset, until = _offset(zone, instant)
        day, second = divmod(instant + offset, DAY)
        begin = DAY  # the next midnight, when nothing is open any more today
        if not (closed and _iso_date(day) in closed):
            for start, end in week[(day + _EPOCH_WEEKDAY) % 7]:
                if second < end:
                    begin = max(start, second)
                    break
        candidate = day * DAY + begin - offset
        if candidate < until and begin < DAY:
            return candidate
        instant = min(candidate, until)  # beyond `until` the local clock runs differently: look again there
    what = f"The window `{window.text}` is not open" if window else "No day is open"
    raise ValueError(
        f"{what} within {LOOKAHEAD_DAYS} days from {format_instant(asked, zone)}: look at the `closed:` dates."
    )


def shift(due: int, at: int, window: Window | None, zone: str, closed: frozenset[str]) -> int:
    """When what was missed at `due` goes out, seen from `at`: next at its own time of day, within the window.

    Raises ValueError when the window stays shut for 400 days.
    """
    time_of_day = (due + _offset(zone, due)[0]) % DAY
    today = (at + _offset(zone, at)[0]) // DAY
    slots = (_first_instant((today + day) * DAY + time_of_day, zone) for day in (0, 1))
    return next_allowed(next(slot for slot in slots if slot >= at), window, zone, closed)


def farthest(duration: Duration, closed: frozenset[str]) -> int:
    """More seconds than `add` ever moves an instant by this duration, whatever the zone."""
    match duration.unit:
        case Unit.SECONDS:
            return duration.amount + 1
        case Unit.DAYS:
            days = duration.amount
        case Unit.BUSINESS_DAYS:
            days = (duration.amount + len(closed)) * 7 // 5 + 4  # of five days in a row, two more are a weekend
    return (days + 3) * DAY  # a place that changes sides of the date line moves its clock by a day


def valid_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone, spelled exactly."""
    return name in _zone_names()


def turned_round(zone: str) -> str | None:
    """Where a zone such as `Etc/GMT+5` lies: `5 hours behind UTC`, the opposite of what its sign says elsewhere."""
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
    """Whether `name` is one such as `CET`, which several places share and some tables know without summer time."""
    return name.strip().upper() in _ABBREVIATIONS


def nearest_zones(name: str) -> list[str]:
    """Up to three IANA names that `name` may have meant; none for a bare offset, which names no place."""
    import difflib

    wanted = name.strip().replace(" ", "_").lower()
    if wanted.upper() in _ABBREVIATIONS:
        return list(_ABBREVIATIONS[wanted.upper()])
    if re.fullmatch(r"(utc|gmt|z)?[-+]?[0-9:]*", wanted):
        return []
    lower = {zone.lower(): zone for zone in sorted(_zone_names())}
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
def _zone_names() -> frozenset[str]:
    """The names as the tzdata package lists them: spelled exactly, whatever the file system thinks of case."""
    import tzdata  # type: ignore[import-untyped]  # it is data; it has no types

    return frozenset(Path(tzdata.__path__[0], "zones").read_text(encoding="ascii").split())


def _offset(zone: str, instant: int) -> tuple[int, int]:
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
        return ahead.days * DAY + ahead.seconds

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


def _first_instant(wall: int, zone: str) -> int:
    """The first instant at which the local clock reads `wall` (seconds since 1970-01-01 00:00 local) or later."""
    instant = wall - _WIDEST_OFFSET
    while True:
        offset, until = _offset(zone, instant)
        found = max(instant, wall - offset)
        if found < until:
            return found
        instant = until


@lru_cache(maxsize=4096)
def _iso_date(day: int) -> str:
    """The date of a day, counted from 1970-01-01."""
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


@lru_cache(maxsize=256)
def _week(window: Window | None) -> tuple[tuple[tuple[int, int], ...], ...]:
    """For each weekday the open seconds of the day as (start, end), in order; a span over midnight is two."""
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for span in window.spans if window else (WindowSpan(frozenset(range(7)), 0, 1440),):
        for day in span.days:
            if span.end > span.start:
                week[day].append((span.start * 60, span.end * 60))
            else:
                week[day].append((span.start * 60, DAY))
                week[(day + 1) % 7].append((0, span.end * 60))
    return tuple(tuple(sorted(open_seconds)) for open_seconds in week)
