"""Time zones: which names there are, what a wrong one probably meant, and how their clocks run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from nurture_cli.zones import nearest_zones, offset_at, turned_round, valid_zone
from tests.clocks import local, moments


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


@given(moments())
def test_the_remembered_offset_is_the_one_of_the_zone(moment: tuple[str, int]) -> None:
    zone, instant = moment
    offset, until = offset_at(zone, instant)
    assert timedelta(seconds=offset) == local(instant, zone).utcoffset()
    assert instant < until
    assert timedelta(seconds=offset) == local(until - 1, zone).utcoffset()
