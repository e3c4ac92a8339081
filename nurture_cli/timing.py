"""Lengths of time and instants, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

from nurture_cli.zones import first_instant, offset_at

DAY = 86400
LONGEST_DAYS = 3650  # a longer duration is a slip of the pen
FIRST_YEAR, LAST_YEAR = 1900, 2199  # an instant outside is a slip of the pen


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
    return first_instant(seconds, zone)


def format_instant(instant: int, zone: str) -> str:
    """Write an instant with its offset, such as `2026-11-22 09:00 +01:00`; seconds appear when they are not zero."""
    offset, _ = offset_at(zone, instant)
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
