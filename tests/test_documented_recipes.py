"""The recipes do what they promise: contacts live through seven weeks of them, and get what the page says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from tests.conftest import Nurture
from tests.pages import ROOT
from tests.reader import Reader, play

DAY = 86400
DAYS = 50
READERS = 20  # of a newsletter that tests a subject
CONSENT = ("consent=express", "consent_basis=form", "consent_source=website")
# Contact: the campaign, what is known of the contact, what it does on which day, and what it gets.
Story = tuple[str, list[str], list[tuple[int, str, str]], list[str]]
STORIES: dict[str, Story] = {
    "clicks": ("first-steps", ["+signed-up"], [(1, "clicked", "first-guide")], ["first-guide", "more-for-readers"]),
    "ignores": ("first-steps", ["+signed-up"], [], ["first-guide", "did-you-see-it"]),
    "answers": ("first-steps", ["+signed-up"], [(1, "replied", "first-guide")], ["first-guide"]),
    "buyer": ("fair-2026", ["+fair-2026", "role=buyer"], [], ["good-to-meet-you", "half-an-hour"]),
    "visitor": ("fair-2026", ["+fair-2026"], [], ["good-to-meet-you", "fair-slides"]),
    "came": (
        "webinar",
        ["+newsletter"],
        [(5, "registered", "webinar-invite"), (12, "attended", "webinar-invite")],
        ["webinar-invite", "webinar-confirmed", "webinar-thanks"],
    ),
    "stayed-away": (
        "webinar",
        ["+newsletter"],
        [(5, "registered", "webinar-invite"), (12, "missed", "webinar-invite")],
        ["webinar-invite", "webinar-confirmed", "webinar-recording"],
    ),
    "not-interested": ("webinar", ["+newsletter"], [], ["webinar-invite"]),
    "gone": ("win-back", ["stage=customer"], [(-100, "logged_in", "")], ["we-miss-you", "what-is-new"]),
    "back": ("win-back", ["stage=customer"], [(-100, "logged_in", ""), (3, "logged_in", "")], ["we-miss-you"]),
    "active": ("win-back", ["stage=customer"], [(-5, "logged_in", "")], []),
    "renews-soon": (
        "renewal",
        ["stage=customer", "renewal=2026-05-01"],
        [],
        ["renewal-ahead", "renewal-soon", "call-about-renewal"],
    ),
    "renews-late": ("renewal", ["stage=customer", "renewal=2027-01-01"], [], []),
    "evergreen": ("evergreen", ["+reader"], [], ["best-of-1", "best-of-2", "best-of-3"]),
}


@pytest.fixture
def lived(reader: Reader, nurture: Nurture, clock: SteppingClock) -> Path:
    """The project of the recipes after all stories."""
    play(reader, ROOT / "docs" / "recipes.md")
    there, begin = reader.here, clock.at

    def done(*words: str) -> None:
        answer = nurture(*words, cwd=there)
        assert answer.code == 0, answer.err

    for name, (_, facts, _, _) in STORIES.items():
        email = f"{name}@firm.example"
        done("contacts", "add", email, *CONSENT, *(fact for fact in facts if not fact.startswith("+")))
        for fact in facts:
            if fact.startswith("+"):
                done("contacts", "tag", email, fact[1:])
    (there / "readers.csv").write_text("Email\n" + "".join(f"reader{n}@firm.example\n" for n in range(READERS)))
    done(
        "contacts", "import", "readers.csv", "--tag", "reader", *(word for fact in CONSENT for word in ("--set", fact))
    )
    happens = sorted((day, name, what) for name, story in STORIES.items() for day, *what in story[2])
    for day in range(-200, DAYS):
        for _, name, (kind, asset) in (one for one in happens if one[0] == day):
            at = datetime.fromtimestamp(begin + day * DAY, UTC).isoformat()
            done("events", "add", f"{name}@firm.example", kind, *([asset] if asset else []), "--at", at)
        if day >= 0:
            done("run")
            clock.at += DAY
    return there


@pytest.fixture
def sent(lived: Path, nurture: Nurture) -> list[dict[str, str]]:
    """What was sent, in its order."""
    lines = nurture("touches", "list", "--state", "sent", "--json", cwd=lived).out.splitlines()
    return sorted(map(json.loads, lines), key=lambda one: str(one["at"]))


def test_contacts_get_what_the_recipes_promise(sent: list[dict[str, str]]) -> None:
    got = {
        name: [one["asset"] for one in sent if (one["email"], one["campaign"]) == (f"{name}@firm.example", campaign)]
        for name, (campaign, *_) in STORIES.items()
    }
    of_test = [(one["email"], one["asset"]) for one in sent if one["campaign"] == "case-study"]

    assert got == {name: assets for name, (*_, assets) in STORIES.items()}
    assert len({email for email, _ in of_test}) == len(of_test) == READERS + 1  # each one arm, `evergreen` too
    assert {asset for _, asset in of_test} == {"case-study", "case-study-blunt"}
