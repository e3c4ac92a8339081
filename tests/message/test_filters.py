"""The filters, one by one."""

from __future__ import annotations

import locale

import pytest
from markupsafe import Markup

from nurture_cli.message import filters
from nurture_cli.message.limits import TooLong


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%-d %B %Y", "1 March 2026"),
        ("%d.%m.%y", "01.03.26"),
        ("%-m/%-d", "3/1"),
        ("%A, %a, %b", "Sunday, Sun, Mar"),
        ("100%% on %d", "100% on 01"),
        ("", ""),
    ],
)
def test_date_writes_dates(pattern: str, text: str) -> None:
    assert filters.date({}, "2026-03-01", pattern) == text


def test_date_takes_an_instant_of_a_day_too() -> None:
    assert filters.date({}, "2026-03-01T10:00:00") == "1 March 2026"


@pytest.mark.parametrize("pattern", ["%", "%Q", "%-", "%0999999999d", "%c", "%s", "x" * 201, "%\n"])
def test_date_knows_few_parts(pattern: str) -> None:
    with pytest.raises(filters.WrongUse):
        filters.date({}, "2026-03-01", pattern)


@pytest.mark.parametrize("value", ["tomorrow", "2026-02-30", 5, ""])
def test_date_takes_dates_only(value: object) -> None:
    with pytest.raises(filters.WrongUse):
        filters.date({}, value)


def test_date_is_the_same_in_every_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("de_DE.UTF-8", "C.UTF-8", "C"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue
            assert filters.date({}, "2026-03-01", "%A %B") == "Sunday March"
    finally:
        locale.setlocale(locale.LC_TIME, before)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (filters.upper("ß ä"), "SS Ä"),
        (filters.lower("ÄB"), "äb"),
        (filters.capitalize("aNN"), "Ann"),
        (filters.title("o'brien-smith of (the) hill"), "O'brien-Smith Of (The) Hill"),
        (filters.trim("  a "), "a"),
        (filters.trim("..a.", "."), "a"),
        (filters.replace("a-b-c", "-", "+"), "a+b+c"),
        (filters.replace(Markup("&lt;"), "&", "<"), "&lt;lt;"),
        (filters.join(["a", 1, 2.5], ", "), "a, 1, 2.5"),
        (filters.join([Markup("<b>"), "<i>"], "<"), "<b>&lt;&lt;i&gt;"),
        (filters.urlencode("a b/ä&?=%\ud800"), "a%20b%2F%C3%A4%26%3F%3D%25%3F"),
        (filters.rounded(2.5), 2),
        (filters.rounded(2.345, 2), 2.35),
        (filters.rounded(2.1, 0, "ceil"), 3),
        (filters.rounded(-2.11, 1, "floor"), -2.2),
        (filters.whole("12.7"), 12),
        (filters.whole("many", 3), 3),
        (filters.whole("inf"), 0),
        (filters.whole(True), 1),
    ],
)
def test_filters_do_what_they_are_called(made: object, text: object) -> None:
    assert made == text
    assert type(made) is type(text) or isinstance(made, str)


@pytest.mark.parametrize("value", [[], {}, None, object(), range(3)])
def test_text_filters_take_text_and_numbers_only(value: object) -> None:
    for one in (filters.upper, filters.title, filters.trim):
        with pytest.raises(filters.WrongUse):
            one(value)


def test_text_cannot_grow_over_the_cap() -> None:
    with pytest.raises(TooLong):
        filters.replace("x" * 1000, "x", "y" * 1001)
    with pytest.raises(TooLong):
        filters.replace("x" * 1000, "", "y" * 1001)
    with pytest.raises(TooLong):
        filters.join(["x" * 1000] * 1001)
    with pytest.raises(TooLong):
        filters.join([""] * 1001, "x" * 1000)


@pytest.mark.parametrize(("digits", "method"), [(-1, "common"), (13, "common"), (0, "up"), ("1", "common")])
def test_round_refuses_odd_wishes(digits: int, method: str) -> None:
    with pytest.raises(filters.WrongUse):
        filters.rounded(1.5, digits, method)
