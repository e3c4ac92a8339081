"""Windows, closed days and business days in every zone, above all on the days on which clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nurture_cli.calendars import Window, WindowSpan, add, farthest, next_allowed, parse_window, shift
from nurture_cli.timing import Duration, Unit, format_instant, parse_duration
from tests.clocks import BERLIN, DAY, HOUR, all_clock_changes, at, local, moments
from tests.examples import examples

OPEN = frozenset[str]()


@st.composite
def windows(draw: st.DrawFn) -> Window:
    spans = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, 1439))
        end = draw(st.integers(0, 1440).filter(lambda end, start=start: end != start))
        spans.append(WindowSpan(frozenset(draw(st.sets(st.integers(0, 6), min_size=1))), start, end))
    return Window(tuple(spans), "drawn")


def is_open(instant: int, window: Window | None, zone: str, closed: frozenset[str]) -> bool:
    """The window as one reads it off the clock on the wall, written for obviousness."""
    clock = local(instant, zone)
    if clock.date().isoformat() in closed:
        return False
    if window is None:
        return True
    minute = clock.hour * 60 + clock.minute
    today, yesterday = clock.weekday(), (clock.weekday() - 1) % 7
    for span in window.spans:
        if span.end > span.start and today in span.days and span.start <= minute < span.end:
            return True
        if span.end < span.start and today in span.days and minute >= span.start:
            return True
        if span.end < span.start and yesterday in span.days and minute < span.end:
            return True
    return False


# Adding a length of time


def test_calendar_days_keep_the_local_hour_over_a_change_of_the_clock() -> None:
    before = at("2026-03-28 09:00")
    assert add(before, parse_duration("1 day"), BERLIN, OPEN) == at("2026-03-29 09:00") == before + 23 * HOUR
    assert add(before, parse_duration("24h"), BERLIN, OPEN) == at("2026-03-29 10:00")
    before = at("2026-10-24 09:00")
    assert add(before, parse_duration("1 day"), BERLIN, OPEN) == before + 25 * HOUR


def test_a_local_time_that_does_not_exist_means_the_first_instant_after_the_gap() -> None:
    assert add(at("2026-03-28 02:30"), parse_duration("1 day"), BERLIN, OPEN) == at("2026-03-29 03:00")
    assert at("2026-03-29 02:30") == at("2026-03-29T01:00Z")


def test_a_local_time_that_exists_twice_means_the_first_of_the_two() -> None:
    assert add(at("2026-10-24 02:30"), parse_duration("1 day"), BERLIN, OPEN) == at("2026-10-25T02:30+02:00")
    assert at("2026-10-25 02:30") == at("2026-10-25T00:30Z")


def test_a_day_that_a_zone_left_out_is_passed_over() -> None:
    eve = at("2011-12-29 10:00", "Pacific/Apia")
    assert format_instant(add(eve, parse_duration("1 day"), "Pacific/Apia", OPEN), "Pacific/Apia") == (
        "2011-12-31 00:00 +14:00"
    )


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-20 16:00", "1bd", "2026-11-23 16:00"),  # Friday to Monday
        ("2026-11-21 16:00", "1bd", "2026-11-23 16:00"),  # Saturday to Monday
        ("2026-11-18 16:00", "4bd", "2026-11-24 16:00"),
        ("2026-12-23 09:00", "2bd", "2026-12-28 09:00"),  # Christmas is closed
    ],
)
def test_business_days_leave_out_weekends_and_closed_dates(start: str, days: str, end: str) -> None:
    assert add(at(start), parse_duration(days), BERLIN, frozenset({"2026-12-25"})) == at(end)


@settings(max_examples=examples(400))
@given(
    moments(),
    st.integers(1, 40),
    st.sampled_from([Unit.DAYS, Unit.BUSINESS_DAYS]),
    st.sets(st.integers(0, 50), max_size=4),
)
def test_adding_days_lands_on_the_promised_day_at_the_same_local_time(
    moment: tuple[str, int], amount: int, unit: Unit, shut: set[int]
) -> None:
    zone, instant = moment
    start = local(instant, zone)
    closed = frozenset((start.date() + timedelta(days=days)).isoformat() for days in shut)
    wanted = start.date() + timedelta(days=amount)
    if unit is Unit.BUSINESS_DAYS:
        wanted, left = start.date(), amount
        while left:
            wanted += timedelta(days=1)
            left -= wanted.weekday() < 5 and wanted.isoformat() not in closed
    end = add(instant, Duration(amount, unit, ""), zone, closed)
    wall = datetime.combine(wanted, start.time())
    assert end > instant
    found = local(end, zone).replace(tzinfo=None)
    if found == wall:
        assert local(end, zone).fold == 0, "the first of two"
    else:
        assert found > wall, "after a gap"
        assert local(end - 1, zone).replace(tzinfo=None) < wall, "the first instant after it"


# Windows


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Mon-Fri 09:00-17:00", [({0, 1, 2, 3, 4}, 540, 1020)]),
        ("mon 00:00-24:00", [({0}, 0, 1440)]),
        ("FRI-Mon 09:00-10:30", [({4, 5, 6, 0}, 540, 630)]),
        ("daily 22:00-06:00", [(set(range(7)), 1320, 360)]),
        ("Sat-Sat 10:00-12:00", [({5}, 600, 720)]),
        ("Mon-Fri 09:00-17:00, Sat 10:00-12:00", [({0, 1, 2, 3, 4}, 540, 1020), ({5}, 600, 720)]),
        ("Mon 18:00-00:00", [({0}, 1080, 0)]),
        ("Tue  09:00 - 17:00", [({1}, 540, 1020)]),
    ],
)
def test_a_window_is_read_with_its_days_and_times(text: str, spans: list[tuple[set[int], int, int]]) -> None:
    found = parse_window(text)
    assert found.text == text
    assert [(span.days, span.start, span.end) for span in found.spans] == spans


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty window"), ("  ", "empty window"), ("Mon 09:00-09:00", "never open"),
        ("daily 24:00-24:00", "never open"), ("Mon 24:00-08:00", "never open"), ("Mon 9:00-17:00", "`9:00`"),
        ("Mon 09:00-25:00", "`25:00`"), ("Mon 09:00-24:01", "`24:01`"), ("Mon 09:60-10:00", "`09:60`"),
        ("Mon 0900-1000", "`0900`"), ("Funday 09:00-17:00", "`Funday`"), ("Mon-Fry 09:00-17:00", "`Fry`"),
        ("Monday 09:00-17:00", "`Monday`"), ("09:00-17:00", "names no days"), ("Mon-Fri", "not a part of a window"),
        ("Mon,Tue 09:00-10:00", "not a part"), ("Mon 09:00-17:00,", "commas"), ("Mon–Fri 09:00-17:00", "long dash"),
        ("Mon- 09:00-17:00", "not a day"), ("Mon-Wed-Fri 09:00-17:00", "`Wed-Fri`"), ("never", "not a part"),
    ],
)  # fmt: skip
def test_a_window_that_is_wrong_or_never_open_is_refused_in_a_whole_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_window(text)
    assert says in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("window", "asked", "answer"),
    [
        ("Mon-Fri 09:00-17:00", "2026-11-20 16:59:59", "2026-11-20 16:59:59"),
        ("Mon-Fri 09:00-17:00", "2026-11-20 17:00", "2026-11-23 09:00"),
        ("Mon-Fri 09:00-17:00", "2026-11-23 08:00", "2026-11-23 09:00"),
        ("Sat 22:00-02:00", "2026-11-22 01:59:59", "2026-11-22 01:59:59"),
        ("Sat 22:00-02:00", "2026-11-22 02:00", "2026-11-28 22:00"),
        ("Mon 09:00-10:00, Mon 08:00-08:30", "2026-11-22 12:00", "2026-11-23 08:00"),
        ("daily 02:30-02:45", "2026-03-29 00:00", "2026-03-30 02:30"),  # the gap swallows it
        ("daily 02:30-04:00", "2026-03-29 00:00", "2026-03-29 03:00"),  # the gap swallows its beginning
        ("daily 02:30-02:45", "2026-10-25 02:50", "2026-10-25T02:30+01:00"),  # the clock reads 02:30 once more
        ("Wed-Fri 09:00-17:00", "2026-12-24 20:00", "2026-12-30 09:00"),  # Christmas is closed
        (None, "2026-12-24 20:00", "2026-12-24 20:00"),
        (None, "2026-12-25 11:00", "2026-12-26"),
        ("Thu 22:00-06:00", "2026-12-24 23:00", "2026-12-24 23:00"),
        ("Thu 22:00-06:00", "2026-12-25 01:00", "2026-12-31 22:00"),  # the night runs into the closed date
    ],
)
def test_the_next_allowed_instant_is_the_first_that_the_window_and_the_closed_dates_leave(
    window: str | None, asked: str, answer: str
) -> None:
    rule = None if window is None else parse_window(window)
    assert next_allowed(at(asked), rule, BERLIN, frozenset({"2026-12-25"})) == at(answer)


@pytest.mark.parametrize(
    ("missed", "asked", "window", "answer"),
    [
        ("2026-11-20 09:00", "2026-11-24 08:59", None, "2026-11-24 09:00"),
        ("2026-11-20 09:00", "2026-11-24 09:00", None, "2026-11-24 09:00"),
        ("2026-11-20 09:00", "2026-11-24 09:00:01", None, "2026-11-25 09:00"),
        ("2026-11-20 09:00:30", "2026-11-24 09:00:01", None, "2026-11-24 09:00:30"),
        ("2026-11-20 18:00", "2026-11-24 08:00", "Mon-Fri 09:00-17:00", "2026-11-25 09:00"),
        ("2026-11-20 09:00", "2026-12-25 08:00", None, "2026-12-26"),  # Christmas is closed
        ("2026-03-20 02:30", "2026-03-29 01:00", None, "2026-03-29 03:00"),  # no half past two that night
        ("2026-10-20 02:30", "2026-10-25T02:10+01:00", None, "2026-10-26 02:30"),  # half past two is over once
    ],
)
def test_what_was_missed_goes_out_next_at_its_own_time_of_day(
    missed: str, asked: str, window: str | None, answer: str
) -> None:
    rule = None if window is None else parse_window(window)
    assert shift(at(missed), at(asked), rule, BERLIN, frozenset({"2026-12-25"})) == at(answer)


@given(moments(), st.integers(0, 400 * DAY))
def test_what_was_missed_goes_out_within_two_days_without_a_window(moment: tuple[str, int], ago: int) -> None:
    zone, asked = moment
    assert asked <= shift(asked - ago, asked, None, zone, OPEN) <= asked + 2 * DAY


@settings(max_examples=examples(400))
@given(
    moments(),
    st.sampled_from(["5 days", "1 day", "36h", "1 business day", "5 business days", "30 business days"]),
    st.sets(st.integers(-1, 20), max_size=5),
)
@example(("Pacific/Apia", 1325152800), "1 day", set())
def test_no_duration_reaches_further_than_the_farthest(moment: tuple[str, int], length: str, shut: set[int]) -> None:
    zone, begin = moment
    closed = frozenset((local(begin, zone).date() + timedelta(days=day)).isoformat() for day in shut)
    duration = parse_duration(length)
    assert add(begin, duration, zone, closed) - begin < farthest(duration, closed)


@settings(max_examples=examples(600))
@given(moments(), st.none() | windows(), st.sets(st.integers(-1, 20), max_size=5), st.integers(0, 3 * DAY))
@example(("Pacific/Apia", 1325239200), Window((WindowSpan(frozenset({4}), 0, 1440),), "Fri"), set(), 0)
def test_the_next_allowed_instant_is_open_and_the_first_such_and_asking_again_changes_nothing(
    moment: tuple[str, int], window: Window | None, shut: set[int], later: int
) -> None:
    zone, instant = moment
    today = local(instant, zone).date()
    closed = frozenset((today + timedelta(days=days)).isoformat() for days in shut)
    found = next_allowed(instant, window, zone, closed)
    assert found >= instant
    assert is_open(found, window, zone, closed)
    assert next_allowed(found, window, zone, closed) == found
    assert next_allowed(instant + later, window, zone, closed) >= found, "waiting never gains time"
    # Windows, dates and clocks all change on whole minutes, so looking at each leaves nothing out.
    minutes = range(instant, min(found, instant + 2 * DAY), 60)
    assert not any(is_open(earlier, window, zone, closed) for earlier in minutes)
    assert found == instant or not is_open(found - 1, window, zone, closed)


@pytest.mark.parametrize("window", ["daily 01:00-04:00", "Sun 02:30-02:45", "Sat 23:00-03:00", "daily 09:00-17:00"])
def test_every_zone_keeps_the_rule_on_both_days_on_which_its_clock_changes(window: str) -> None:
    rule = parse_window(window)
    assert len(all_clock_changes()) > 250
    for zone, change in all_clock_changes():
        previous = 0
        for instant in range(change - 6 * HOUR, change + 6 * HOUR, 1200):
            found = next_allowed(instant, rule, zone, OPEN)
            assert is_open(found, rule, zone, OPEN), (zone, instant)
            assert next_allowed(found, rule, zone, OPEN) == found
            assert found >= max(previous, instant), (zone, instant)
            assert (found == instant) == is_open(instant, rule, zone, OPEN), (zone, instant)
            previous = found


@pytest.mark.parametrize("window", [None, "Mon 09:00-10:00"])
def test_a_year_of_closed_dates_is_said_and_not_searched_for_ever(window: str | None) -> None:
    closed = frozenset((date(2026, 11, 1) + timedelta(days=day)).isoformat() for day in range(500))
    rule = None if window is None else parse_window(window)
    with pytest.raises(ValueError, match="within 400 days from 2026-11-22 00:00") as refusal:
        next_allowed(at("2026-11-22"), rule, BERLIN, closed)
    assert "closed:" in str(refusal.value)
