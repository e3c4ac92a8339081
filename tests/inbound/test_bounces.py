"""A bounce is hard only where it says so, in whatever words its relay uses."""

from __future__ import annotations

import json

import pytest

from nurture_cli.inbound.bounces import with_bounce

from .conftest import Desk

HARD = ["hard", "Hard", "HARD BOUNCE", "hard_bounce", "HardBounce", "permanent", "Permanent", "permanent failure"]
SOFT = ["soft", "Soft", "SoftBounce", "Transient", "temporary", "Undetermined"]
NAMES = ["bounce", "bounce_type", "bounceType", "Bounce Type", "bounce_class", "type", "class", "severity"]


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Ann is a contact."""
    desk.contacts("email\nann@x.example\n")
    return desk


@pytest.mark.parametrize("name", NAMES)
def test_every_usual_spelling_is_understood(name: str) -> None:
    for word in HARD:
        assert with_bounce({name: word, "code": 550})["bounce"] == "hard", word
    for word in SOFT:
        assert with_bounce({name: word, "code": 450})["bounce"] == "soft", word


def test_what_is_not_understood_or_says_both_is_not_hard() -> None:
    assert with_bounce({}) == {}
    assert with_bounce({"type": "General", "reason": "hard"}) == {"type": "General", "reason": "hard"}
    assert with_bounce({"type": "hard", "severity": "temporary"})["bounce"] == "soft"
    assert with_bounce({"bounce": 5}, None) == {"bounce": 5}
    assert with_bounce({"note": "x"}, "odd") == {"note": "x", "bounce": "odd"}


def line(**facts: object) -> str:
    return json.dumps({"email": "ann@x.example", "kind": "bounced", "at": "2026-03-01"} | facts) + "\n"


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("email,kind,at,Bounce Type\nann@x.example,bounced,2026-03-01,Permanent\n", {}),
        ("email,kind,at,severity\nann@x.example,bounced,2026-03-01,permanent\n", {}),
        ("email,kind,at,Class\nann@x.example,bounced,2026-03-01,hard\n", {"keep": True}),
        (line(bounceType="Permanent"), {}),
        (line(properties={"bounce_type": "HardBounce"}), {}),
        (line(type="hard"), {"keep": True}),
    ],
)
def test_a_hard_bounce_suppresses_and_a_soft_one_does_not(crowd: Desk, content: str, options: dict[str, bool]) -> None:
    soft = content
    for hard in ("Permanent", "permanent", "HardBounce", '"hard"', ",hard"):
        soft = soft.replace(hard, hard.replace(hard.strip('",'), "soft"))
    assert soft != content

    crowd.events(soft, **options)
    assert crowd.suppressed("ann@x.example") is None
    report = crowd.events(content, **options)

    assert report.counts["suppressions"] == 1
    assert crowd.suppressed("ann@x.example") == "hard-bounce"


def test_what_a_column_says_of_other_events_is_not_taken_for_a_bounce(crowd: Desk) -> None:
    crowd.events("email,kind,at,severity\nann@x.example,complained,2026-03-01,permanent\n")

    assert crowd.suppressed("ann@x.example") == "complaint"
    assert crowd.db.execute("SELECT properties FROM event").fetchall() == [("{}",)]
