"""The filters that templates may use and that need nothing from Jinja.

`FILTERS` gives each its name in templates. `sandbox.py` adds `default`, `first`, `last`, `length` and those that depend
on escaping.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date as calendar_date
from urllib.parse import quote

from markupsafe import Markup, escape

from nurture_cli.message.dates import DateNames, names_of
from nurture_cli.message.limits import MAX_CHARACTERS, TooLong, check_time, paced, spend

LONGEST_PATTERN = 200
MOST_LETTERS = 100

# Our own: what `strftime` writes depends on the machine, and a mail must not.
_DATE_PARTS: dict[str, Callable[[calendar_date, DateNames], str]] = {
    "d": lambda day, _: f"{day.day:02d}",
    "-d": lambda day, _: str(day.day),
    "m": lambda day, _: f"{day.month:02d}",
    "-m": lambda day, _: str(day.month),
    "B": lambda day, names: names.months[day.month - 1],
    "b": lambda day, names: names.short_months[day.month - 1],
    "Y": lambda day, _: f"{day.year:04d}",
    "y": lambda day, _: f"{day.year % 100:02d}",
    "A": lambda day, names: names.days[day.weekday()],
    "a": lambda day, names: names.short_days[day.weekday()],
    "%": lambda _, __: "%",
}
_DATE_PART = re.compile(r"%(-?.?)", re.DOTALL)
_WORD = re.compile(r"([-\s({\[<]+)")


class WrongUse(Exception):
    """A filter cannot work the way it is used; `str(error)` is a sentence without any contact's data."""


def text_of(value: object) -> str:
    """The text that a filter or a test works on: a text itself, or the digits of a number."""
    if isinstance(value, str):
        return value  # markup stays markup, so that it is escaped exactly once
    text = _said(value)
    if not isinstance(value, int | float):
        raise WrongUse("This works with text or a number only.")
    return text


def _said(value: object) -> str:
    """The value as text; for a missing value it raises the error that names it."""
    check_time()
    if isinstance(value, list | tuple | dict):  # its text could have any length
        raise WrongUse("This works with text or a number only.")
    return str(value)


def upper(value: object) -> str:
    """In uppercase."""
    return _charged(text_of(value).upper())


def lower(value: object) -> str:
    """In lowercase."""
    return _charged(text_of(value).lower())


def capitalize(value: object) -> str:
    """The first letter in uppercase, the others in lowercase."""
    return _charged(text_of(value).capitalize())


def title(value: object) -> str:
    """Each word with a capital first letter."""
    words = _WORD.split(text_of(value))
    return _charged("".join(word[:1].upper() + word[1:].lower() for word in words))


def trim(value: object, letters: str | None = None) -> str:
    """Without blanks (or `letters`) at both ends."""
    if letters is not None and len(text_of(letters)) > MOST_LETTERS:
        raise WrongUse(f"`trim` removes at most {MOST_LETTERS} different characters.")
    return _charged(text_of(value).strip(letters))


def replace(value: object, old: str, new: str) -> str:
    """With each `old` replaced by `new`."""
    text, old, new = text_of(value), text_of(old), text_of(new)
    found = text.count(old) if old else len(text) + 1
    if len(text) + found * len(new) > MAX_CHARACTERS:
        raise TooLong
    return _charged(text.replace(old, new))


def join(items: Iterable[object], between: str = "") -> str:
    """The items as one text, with `between` between them."""
    kept: list[str] = []
    size = 0
    for item in paced(items):
        kept.append(text_of(item))
        size += len(kept[-1]) + len(between)
        if size > MAX_CHARACTERS:
            raise TooLong
    if any(isinstance(item, Markup) for item in kept):
        return _charged(escape(between).join(kept))
    return _charged(text_of(between).join(kept))


def urlencode(value: object) -> str:
    """Encoded, as one part of a link."""
    return _charged(quote(_said(value).encode("utf-8", "replace"), safe=""))


def rounded(value: object, digits: int = 0, method: str = "common") -> int | float:
    """Rounded to `digits` after the point; `method` is common, ceil or floor."""
    text_of(value)
    if not isinstance(value, int | float) or not isinstance(digits, int) or not 0 <= digits <= 12:
        raise WrongUse("`round` takes a number, and 0 to 12 digits.")
    if method not in ("common", "ceil", "floor"):
        raise WrongUse("`round` rounds by one of the methods common, ceil and floor.")
    if not math.isfinite(value):
        raise WrongUse("`round` cannot round a number that is not finite.")
    if method == "common":
        result = round(float(value), digits)
    else:
        step: Callable[[float], int] = math.ceil if method == "ceil" else math.floor
        result = step(value * 10**digits) / 10**digits
    return result if digits else int(result)


def whole(value: object, otherwise: int = 0) -> int:
    """The value as a whole number, else `otherwise`."""
    try:
        return int(value) if isinstance(value, int | float) else int(float(_said(value)))
    except (ValueError, OverflowError):
        return otherwise


def date(known: Mapping[str, object], value: object, pattern: str | None = None) -> str:
    """A date such as `2026-03-01` in words, or in a form with the parts %d %-d %m %-m %B %b %Y %y %A %a and %%.

    Months and days have their names in the language of the mail, one of the values `known` to the template, which
    Jinja passes; without a pattern the whole date is as usual there.
    """
    try:
        day = calendar_date.fromisoformat(_said(value)[:10])
    except ValueError:
        raise WrongUse("`date` takes a date such as 2026-03-01.") from None
    names = names_of(str(known.get("language", "en")))
    if pattern is None:
        return _charged(names.whole(day))
    if len(pattern) > LONGEST_PATTERN:
        raise WrongUse(f"A pattern of `date` has at most {LONGEST_PATTERN} characters.")

    def part(hit: re.Match[str]) -> str:
        if hit[1] not in _DATE_PARTS:
            known = " ".join(f"%{name}" for name in _DATE_PARTS)
            raise WrongUse(f"`date` does not know %{hit[1]}; it knows {known}.")
        return _DATE_PARTS[hit[1]](day, names)

    return _charged(_DATE_PART.sub(part, pattern))


FILTERS: dict[str, Callable[..., object]] = {
    "upper": upper,
    "lower": lower,
    "capitalize": capitalize,
    "title": title,
    "trim": trim,
    "replace": replace,
    "join": join,
    "urlencode": urlencode,
    "round": rounded,
    "int": whole,
}


def _charged(text: str) -> str:
    spend(len(text))
    return text
