"""Send windows, closed days and business days: when something may go out, and when a wait ends.

Whether a window is open is read off the local clock alone; how a clock changes is in `zones.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from nurture_cli.timing import DAY, Duration, Unit, format_instant
from nurture_cli.zones import first_instant, offset_at

LOOKAHEAD_DAYS = 400  # a window that stays shut longer than this is never open

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday


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


def add(instant: int, duration: Duration, zone: str, closed: frozenset[str]) -> int:
    """The instant `duration` after `instant` for a contact in `zone`."""
    if duration.unit is Unit.SECONDS:
        return instant + duration.amount
    wall = instant + offset_at(zone, instant)[0]
    if duration.unit is Unit.DAYS:
        return first_instant(wall + duration.amount * DAY, zone)
    day, second = divmod(wall, DAY)
    for _ in range(duration.amount):
        day += 1
        while (day + _EPOCH_WEEKDAY) % 7 > 4 or (closed and _iso_date(day) in closed):
            day += 1
    return first_instant(day * DAY + second, zone)


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
        offset, until = offset_at(zone, instant)
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
    """When a message that was missed at `due` goes out, as of `at`: at its own time of day, within the window.

    Raises ValueError when the window stays shut for 400 days.
    """
    time_of_day = (due + offset_at(zone, due)[0]) % DAY
    today = (at + offset_at(zone, at)[0]) // DAY
    slots = (first_instant((today + day) * DAY + time_of_day, zone) for day in (0, 1))
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
