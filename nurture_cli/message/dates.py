"""The names of months and days, and the usual form of a date, by language; from the CLDR for all but English."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class DateNames:
    """What one language calls months (from January) and days (from Monday), and how it writes a whole date."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]
    whole: Callable[[date], str]


# English needs no library here; the day comes first, which readers on both sides of the Atlantic understand.
_ENGLISH = DateNames(
    _MONTHS,
    tuple(name[:3] for name in _MONTHS),
    _DAYS,
    tuple(name[:3] for name in _DAYS),
    lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year:04d}",
)


@lru_cache(maxsize=64)
def names_of(language: str) -> DateNames:
    """The names in a language, given by its code; the English ones where the language is not known."""
    locale = None if language.partition("-")[0] == "en" else _locale(language)
    if locale is None:
        return _ENGLISH
    from babel.dates import format_date

    months, days = locale.months["format"], locale.days["format"]
    return DateNames(
        tuple(months["wide"][number] for number in range(1, 13)),
        tuple(months["abbreviated"][number] for number in range(1, 13)),
        tuple(days["wide"][number] for number in range(7)),
        tuple(days["abbreviated"][number] for number in range(7)),
        lambda day: format_date(day, "long", locale=locale),
    )


def _locale(language: str) -> Locale | None:
    from babel import Locale, UnknownLocaleError  # takes thirty milliseconds to load

    for code in (language, language.partition("-")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(code, sep="-")
    return None
