"""Time in every zone: what is refused, and what holds on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nurture_cli import timing
from nurture_cli.timing import (
    Duration,
    Unit,
    Window,
    WindowSpan,
    add,
    farthest,
    format_instant,
    nearest_zones,
    next_allowed,
    parse_duration,
    parse_instant,
    parse_window,
    shift,
    turned_round,
    valid_zone,
)

HOUR, DAY = 3600, 86400
BERLIN = "Europe/Berlin"
OPEN = frozenset[str]()
ZONES = sorted(timing._zone_names())
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


CHANGES = [(zone, change) for zone in ZONES for change in clock_changes(zone)]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    spans = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, 1439))
        end = draw(st.integers(0, 1440).filter(lambda end, start=start: end != start))
        spans.append(WindowSpan(frozenset(draw(st.sets(st.integers(0, 6), min_size=1))), start, end))
    return Window(tuple(spans), "drawn")


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and an instant, more often than not within two days of a change of its clock."""
    if draw(st.booleans()):
        zone, change = draw(st.sampled_from(CHANGES))
        return zone, change + draw(st.integers(-2 * DAY, 2 * DAY))
    return draw(st.sampled_from(ZONES)), draw(INSTANTS)


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


# Durations


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("3 days", 3, Unit.DAYS), ("3d", 3, Unit.DAYS), ("1 day", 1, Unit.DAYS),
        ("2 weeks", 14, Unit.DAYS), ("2w", 14, Unit.DAYS), ("1 week", 7, Unit.DAYS),
        ("72h", 72 * HOUR, Unit.SECONDS), ("12 hours", 12 * HOUR, Unit.SECONDS), ("1 hour", HOUR, Unit.SECONDS),
        ("30m", 1800, Unit.SECONDS), ("45 minutes", 2700, Unit.SECONDS), ("1 minute", 60, Unit.SECONDS),
        ("4 business days", 4, Unit.BUSINESS_DAYS), ("4bd", 4, Unit.BUSINESS_DAYS),
        ("1 business day", 1, Unit.BUSINESS_DAYS), (" 3  days ", 3, Unit.DAYS), ("3\u00a0days", 3, Unit.DAYS),
        ("3650d", 3650, Unit.DAYS),
    ],
)  # fmt: skip
def test_a_duration_is_read_with_its_unit(text: str, amount: int, unit: Unit) -> None:
    found = parse_duration(text)
    assert (found.amount, found.unit, found.text) == (amount, unit, text.strip())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1_000d", "plain whole number"), ("1,000d", "plain whole number"), ("1.5d", "plain whole number"),
        ("+3d", "plain whole number"), ("1e9d", "plain whole number"), ("-3d", "negative"),
        ("3 fortnights", "unknown unit `fortnights`"), ("3 months", "unknown unit `months`"),
        ("3 Days", "unknown unit `Days`"), ("3D", "unknown unit `D`"), ("10s", "unknown unit `s`"),
        ("1d 12h", "unknown unit"), ("0d", "no time at all"), ("0 days", "no time at all"), ("010", "zero"),
        ("010d", "zero"), ("3", "has no unit"), ("0", "has no unit"), ("", "not a length"), ("days", "not a length"),
        ("forever", "not a length"), ("٣d", "not a length"), ("3d\n4d", "not a length"),
        ("3651d", "longer than 3650 days"), ("999999999999d", "longer than"), ("522 weeks", "longer than"),
        ("87601h", "longer than"), ("3651bd", "longer than"),
    ],
)  # fmt: skip
def test_a_duration_that_could_be_a_slip_is_refused_in_a_whole_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse_duration(text)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("`")
    assert str(refusal.value).endswith(".")


def test_looking_back_a_day_counts_24_hours() -> None:
    assert [parse_duration(text).seconds for text in ("3 days", "2w", "72h", "4bd")] == [
        3 * DAY, 14 * DAY, 3 * DAY, 4 * DAY,
    ]  # fmt: skip


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


@settings(max_examples=400)
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


# Instants


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-22", "2026-11-21T23:00:00Z"),
        ("2026-11-22 09:00", "2026-11-22T08:00:00Z"),
        ("2026-11-22T09:00:30", "2026-11-22T08:00:30Z"),
        ("2026-11-22T09:00:00.999", "2026-11-22T08:00:00Z"),
        ("2026-11-22T09:00:00-05:00", "2026-11-22T14:00:00Z"),
        ("2026-11-22 09:00 +05:30", "2026-11-22T03:30:00Z"),
        ("2026-11-22T09:00+0100", "2026-11-22T08:00:00Z"),
        ("2026-11-22t09:00z", "2026-11-22T09:00:00Z"),
        (" 2024-02-29 ", "2024-02-28T23:00:00Z"),
    ],
)
def test_a_time_without_an_offset_is_in_the_given_zone_and_one_with_it_is_not(text: str, same: str) -> None:
    assert at(text) == int(datetime.fromisoformat(same).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "2023-02-29", "2026-13-01", "2026-00-10", "2026-11-22 24:00", "2026-11-22 12:60",
        "2026-11-22 12:00:60", "0000-01-01", "0026-11-22", "9999-12-31", "1899-12-31", "2026-W10-1", "2026-326",
        "20261122", "22.11.2026", "11/22/2026", "2026-1-2", "1795334400", "tomorrow", "", "2026-11-22 9:00",
        "2026-11-22T09:00+99:00", "2026-11-22T09:00+01:60", "2026-11-22 09:00 CET", "2026-11-22+01:00",
        "2026-11-22 09:00 + 01:00", "٢٠٢٦-١١-٢٢", "2026-11-22\n2026-11-23",
    ],
)  # fmt: skip
def test_nonsense_is_never_silently_a_time(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        at(text)
    assert str(refusal.value).startswith(f"`{text}`")
    assert str(refusal.value).endswith(".")


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="`Europe/Berlim` is not a time zone"):
        parse_instant("2026-11-22", "Europe/Berlim")


@given(moments())
def test_a_written_instant_reads_back_as_the_same_instant(moment: tuple[str, int]) -> None:
    zone, instant = moment
    assert parse_instant(format_instant(instant, zone), "Asia/Kolkata") == instant


def test_a_written_instant_carries_its_offset() -> None:
    assert format_instant(at("2026-11-22 09:00"), BERLIN) == "2026-11-22 09:00 +01:00"
    assert format_instant(at("2026-11-22 09:00"), "America/New_York") == "2026-11-22 03:00 -05:00"
    assert format_instant(at("2026-11-22 09:00:07"), "UTC") == "2026-11-22 08:00:07 +00:00"


@pytest.mark.parametrize("machine", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_the_zone_of_the_machine_changes_nothing(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    with monkeypatch.context() as patch:
        patch.setenv("TZ", machine)
        time.tzset()
        assert format_instant(1795334400, BERLIN) == "2026-11-22 09:00 +01:00"
        assert parse_instant("2026-11-22 09:00", BERLIN) == 1795334400
    time.tzset()


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


@settings(max_examples=400)
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


@settings(max_examples=600)
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
    assert len(CHANGES) > 250
    for zone, change in CHANGES:
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


@given(moments())
def test_the_remembered_offset_is_the_one_of_the_zone(moment: tuple[str, int]) -> None:
    zone, instant = moment
    offset, until = timing._offset(zone, instant)
    assert timedelta(seconds=offset) == local(instant, zone).utcoffset()
    assert instant < until
    assert timedelta(seconds=offset) == local(until - 1, zone).utcoffset()


# Zones


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Ushuaia", "EST5EDT", "Etc/GMT+2"])
def test_an_iana_name_is_a_zone(name: str) -> None:
    assert valid_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        "europe/berlin", "PST", "GMT+2", "UTC+2", "", "Europe", "Europe/", "/usr/share/zoneinfo/UTC", "../UTC",
        "posix/Europe/Berlin", "right/UTC", "Europe/Berlin ", "Europe/Berlin\0", "tzdata.zi", "zone.tab", "localtime",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_zone_is_none(name: str) -> None:
    assert not valid_zone(name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("europe/berlin", ["Europe/Berlin"]), ("Berlin", ["Europe/Berlin"]), ("new york", ["America/New_York"]),
        ("PST", ["America/Los_Angeles"]), ("UTC+2", []), ("GMT-05:00", []), ("+02:00", []), ("xyzzy", []),
    ],
)  # fmt: skip
def test_the_nearest_zones_are_what_was_probably_meant(name: str, nearest: list[str]) -> None:
    assert nearest_zones(name) == nearest


def test_a_slip_in_a_zone_brings_the_right_one_first() -> None:
    assert nearest_zones("Europe/Berlim")[0] == "Europe/Berlin"
    assert "America/Sao_Paulo" in nearest_zones("America/São Paulo")


@pytest.mark.parametrize(
    ("zone", "where"),
    [
        ("Etc/GMT+5", "5 hours behind UTC"),
        ("Etc/GMT-14", "14 hours ahead of UTC"),
        ("Etc/GMT+1", "1 hour behind UTC"),
        ("Etc/GMT+0", None),
        ("Etc/GMT", None),
        ("Europe/Berlin", None),
    ],
)
def test_a_zone_with_a_sign_lies_on_the_other_side(zone: str, where: str | None) -> None:
    assert turned_round(zone) == where
