"""Lengths of time and instants: what is read, what is refused, and that what is written reads back."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from nurture_cli.timing import Unit, format_instant, parse_duration, parse_instant
from tests.clocks import BERLIN, DAY, HOUR, at, moments

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
