"""Cells as typed values, read strictly; every reader raises ValueError with a whole sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache

from nurture_cli.language.expression import Type
from nurture_cli.language.names import listed
from nurture_cli.records import Value
from nurture_cli.store.contacts import CONSENTS
from nurture_cli.timing import FIRST_YEAR, LAST_YEAR, parse_instant
from nurture_cli.zones import nearest_zones, valid_zone

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LARGEST = 2**63 - 1
_CLOCK_SLACK = 86400  # seconds that another clock may be ahead of ours


def shown(text: str) -> str:
    """A cell's text as a message may repeat it: short, on one line."""
    text = "".join(sign if sign.isprintable() else "·" for sign in text[:41])
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"


def read_value(text: str, type: Type) -> Value:
    """A value of a declared custom field."""
    match type:
        case Type.TEXT:
            return text
        case Type.NUMBER:
            return read_number(text)
        case Type.BOOLEAN:
            return read_boolean(text)
        case Type.DATE:
            return read_date(text)


def read_number(text: str) -> int | float:
    """A number as `1234` or `12.5`: no thousands, no decimal comma, no whole number that cannot be kept exactly."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"{shown(text)} is not a number: write it as `1234` or `12.5`.")
    if _WHOLE.fullmatch(text):
        if len(text) > 20 or abs(int(text)) > _LARGEST:
            raise ValueError(f"{shown(text)} is too large a number.")
        return int(text)
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{shown(text)} is too large a number.")
    return number


def read_boolean(text: str) -> bool:
    """Yes or no, true or false, 1 or 0."""
    value = _BOOLEANS.get(text.casefold())
    if value is None:
        raise ValueError(f"{shown(text)} is neither `yes` nor `no`.")
    return value


def read_date(text: str) -> str:
    """A date as `2026-11-22`, kept as it is written."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(f"{shown(text)} is not a date: write it as `2026-11-22`.")
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is a date that does not exist.") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"{shown(text)} is not between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return text


def read_past(text: str, zone: str, now: int) -> int:
    """An instant that is not in the future."""
    instant = read_instant(text, zone)
    if instant > now + _CLOCK_SLACK:
        raise ValueError(f"{shown(text)} is in the future.")
    return instant


def read_instant(text: str, zone: str) -> int:
    """An ISO date or time; one without an offset is in `zone`."""
    if len(text) > 40:
        raise ValueError(f"{shown(text)} is not a date or time: write it as `2026-11-22` or `2026-11-22 09:00`.")
    return parse_instant(text, zone)


def read_consent(text: str) -> str:
    """One of the four words for consent."""
    word = text.casefold()
    if word not in CONSENTS:
        raise ValueError(f"{shown(text)} is not a consent: it is one of {listed(CONSENTS)}.")
    return word


def stage_reader(stages: Collection[str]) -> Callable[[str], str]:
    """A reader of the names of stages."""

    def read_stage(text: str) -> str:
        if text not in stages:
            raise ValueError(f"{shown(text)} is not a stage: the stages are {listed(stages, 20)}.")
        return text

    return read_stage


@lru_cache(maxsize=4096)
def read_zone(text: str) -> str | None:
    """The IANA name of a time zone, or None when the text is not one; letter case and blanks are forgiven.

    Names without a place, such as `EST`, are offsets without summer time, and nobody who writes them means that.
    """
    name = text
    if not valid_zone(name):
        near = nearest_zones(text[:60])
        plain = text.replace(" ", "_").casefold()
        name = next((zone for zone in near if zone.casefold() == plain), "")
    return name if "/" in name or name in ("UTC", "GMT") else None
