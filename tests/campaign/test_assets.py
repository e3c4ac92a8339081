from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.campaign.assets import check_variants, parse_asset, split_front_matter
from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.language.names import Names
from nurture_cli.timing import parse_instant

NAMES = Names(
    zone="Europe/Berlin",
    stages=("awareness", "decision"),
    assets=frozenset({"a", "b", "c"}),
    channels=frozenset({"mail", "task"}),
)


def asset(text: str, file: str = "templates/a.md") -> Asset:
    found, diagnostics = parse_asset(text.encode(), file, NAMES)
    assert not diagnostics
    assert found is not None
    return found


def test_a_whole_asset_is_read() -> None:
    found = asset(
        """\
---
title: Why zero trust
kind: e-book
stages: [awareness, decision]
topics: zero-trust
roles: [user, buyer]
channel: task
subject: "Hello {{ contact.first_name }}"
preheader: Five minutes
link: https://example.com/x?a=b#c
expires: 2026-12-31
variant_of: b
---
Text
---
more
""",
        "templates/a.html",
    )
    assert (found.name, found.file, found.format) == ("a", "templates/a.html", BodyFormat.HTML)
    assert (found.title, found.kind, found.channel) == ("Why zero trust", "e-book", "task")
    assert (found.stages, found.topics, found.roles) == (("awareness", "decision"), ("zero-trust",), ("user", "buyer"))
    assert (found.subject, found.preheader) == ("Hello {{ contact.first_name }}", "Five minutes")
    assert (found.link, found.variant_of, found.family) == ("https://example.com/x?a=b#c", "b", "b")
    assert (found.body, found.body_line) == ("Text\n---\nmore\n", 14)
    assert str(found.places["subject"]) == "templates/a.html:8:10"


def test_what_is_not_written_has_its_written_default() -> None:
    found = asset("---\ntitle: T\n---\n")
    assert (found.kind, found.channel, found.subject, found.preheader) == ("article", "mail", "", "")
    assert (found.stages, found.topics, found.roles, found.link, found.expires) == ((), (), (), None, None)
    assert (found.body, found.body_line, found.family) == ("", 4, "a")


def test_an_asset_is_sent_on_the_day_on_which_it_expires_and_not_on_the_next() -> None:
    day = asset("---\ntitle: T\nexpires: 2026-03-28\n---\n").expires
    assert day == parse_instant("2026-03-29 00:00", "Europe/Berlin")
    hour = asset("---\ntitle: T\nexpires: 2026-03-28 12:00\n---\n").expires
    assert hour == parse_instant("2026-03-28 12:00", "Europe/Berlin")


def test_line_ends_and_a_byte_order_mark_change_nothing_but_the_hash() -> None:
    plain, windows = asset("---\ntitle: T\n---\nA\nB\n"), asset("\ufeff---\r\ntitle: T\r\n---\r\nA\r\nB\r\n")
    assert (windows.body, windows.body_line, windows.title) == (plain.body, plain.body_line, plain.title)
    assert windows.hash != plain.hash


@pytest.mark.parametrize("letter", ["\u2028", "\x0c", "\x85"])
def test_the_body_may_hold_any_letter_without_moving_its_lines(letter: str) -> None:
    assert asset(f"---\ntitle: T\n---\nA{letter}B\n").body == f"A{letter}B\n"


def test_a_default_channel_that_is_not_declared_is_told_once_for_the_file() -> None:
    names = Names(channels=frozenset({"post"}))
    _, found = parse_asset(b"---\ntitle: T\n---\n", "templates/a.md", names)
    assert [(str(one.span), one.rule) for one in found] == [("templates/a.md:1:1", "unknown-channel")]


def test_a_variant_of_a_variant_is_told_the_original() -> None:
    original = asset("---\ntitle: T\n---\n", "templates/a.md")
    variant = asset("---\ntitle: T\nvariant_of: a\n---\n", "templates/b.md")
    far = asset("---\ntitle: T\nvariant_of: b\n---\n", "templates/c.md")
    found = check_variants({"a": original, "b": variant, "c": far})
    assert [(str(one.span), one.rule, one.help) for one in found] == [
        ("templates/c.md:3:13", "bad-variant", "Write `variant_of: a`.")
    ]
    assert check_variants({"a": original, "b": variant}) == ()


@pytest.mark.parametrize("expires", ["9999-12-31", "0001-01-01", "2026-02-30", "soon", "1e9", "2026-13-01 10:00"])
def test_a_date_that_cannot_be_is_told(expires: str) -> None:
    _, found = parse_asset(f"---\ntitle: T\nexpires: {expires}\n---\n".encode(), "templates/a.md", NAMES)
    assert [one.rule for one in found] == ["bad-date"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_front_matter_and_body_together_are_the_file(front: str, body: str) -> None:
    front, body = front.replace("\r", ""), body.replace("\r", "")
    split = split_front_matter(f"---\n{front}\n---\n{body}")
    assert split is not None
    first, second = split
    assert f"---\n{first}\n---\n{second}" == f"---\n{front}\n---\n{body}" or "---" in front


@given(st.binary(max_size=80))
def test_no_bytes_at_all_raise_anything(data: bytes) -> None:
    for content in (data, b"---\n" + data + b"\n---\nText\n"):
        found, diagnostics = parse_asset(content, "templates/a.md", NAMES)
        assert (found is None) == bool(diagnostics)
