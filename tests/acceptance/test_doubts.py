"""What may have arrived counts as received until somebody knows better, whichever way the next one would come."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.clock import FixedClock
from nurture_cli.delivery import channels
from nurture_cli.planner.plan import make_plan
from nurture_cli.runner.leftovers import PROVED
from nurture_cli.runner.resolve import Resolution
from nurture_cli.runner.run import run
from nurture_cli.store.database import open_reader
from tests.acceptance.post import Post
from tests.acceptance.town import DAY, Town

ANN = "p1@people.example"
IN_DOUBT = "beta/1/1/1"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Ann's mail of campaign beta was handed over at a fair, and no answer came."""
    town, post = Town(tmp_path), Post(tmp_path)
    monkeypatch.setattr(channels, "open_messenger", post.open_messenger)
    run(town.project, town.database, FixedClock(town.at))
    town.appear("express", None, tag="fair")
    post.script = ["silent-took-it", "later"]
    go(town)
    assert town.ask("SELECT key, asset, state FROM touch") == [(IN_DOUBT, "shared", "unknown")]
    return town


def go(town: Town, days: int = 0) -> list[str]:
    """One run; returns what is held back after it."""
    town.at += days * DAY
    run(town.project, town.database, FixedClock(town.at))
    return held(town)


def held(town: Town) -> list[str]:
    """What a plan holds back."""
    db = open_reader(town.database)
    try:
        plan = make_plan(town.project, db, town.at)
        return [f"{held.campaign or 'request'} {held.asset} {held.reason}" for held in plan.held()]
    finally:
        db.close()


def test_what_a_campaign_has_in_doubt_is_not_sent_on_request_either(town: Town) -> None:
    town.does(ANN, "requested", "shared")

    assert "request shared in-doubt" in go(town, days=1)
    go(town, days=3)
    assert town.ask("SELECT state, closed_why FROM request") == [("received", "before")]


def test_a_campaign_that_says_once_for_all_waits_for_the_doubt_of_one_that_says_once_for_itself(town: Town) -> None:
    town.edit("gamma", lambda file: file.update(once="global", stages={"any": [{"send": "shared"}, {"send": "tick"}]}))
    town.does(ANN, "visited")

    assert "gamma shared in-doubt" in go(town, days=1)
    town.resolve(IN_DOUBT, Resolution.SENT)
    assert "gamma shared in-doubt" not in go(town, days=1)
    assert town.ask("SELECT asset FROM touch WHERE campaign = 'gamma'") == [("tick",)]


def test_what_is_to_be_handed_over_again_still_may_have_arrived(town: Town) -> None:
    town.resolve(IN_DOUBT, Resolution.RESEND)
    town.does(ANN, "requested", "shared")

    assert "request shared in-doubt" in go(town, days=1)  # and the relay says: later
    assert town.ask("SELECT state FROM touch") == [("planned",)]


def test_who_waited_for_a_touch_that_is_not_sent_after_all_goes_on(town: Town) -> None:
    town.resolve(IN_DOUBT, Resolution.RESEND)
    town.does(ANN, "requested", "shared")
    go(town, days=1)
    town.does(ANN, "purchased")  # beta's goal: its touch is not tried again
    go(town)

    go(town)
    assert town.ask("SELECT state FROM touch ORDER BY id") == [("skipped",), ("sent",)]
    assert town.ask("SELECT state FROM request") == [("sent",)]


@pytest.mark.parametrize("kind", ["clicked", "opened", "replied"])
def test_what_the_contact_answers_has_arrived(town: Town, kind: str) -> None:
    town.does(ANN, kind, "shared")

    report = run(town.project, town.database, FixedClock(town.at))

    assert (report.leftovers.arrived, report.in_doubt) == (1, 0)
    assert town.ask("SELECT state, reason FROM touch") == [("sent", PROVED)]


@pytest.mark.parametrize(("asset", "ago"), [("paper", 0), ("", 0), ("shared", 60)])
def test_what_the_contact_did_with_something_else_or_before_proves_nothing(town: Town, asset: str, ago: int) -> None:
    town.does(ANN, "clicked", asset, ago=ago)
    go(town)

    assert town.ask("SELECT state FROM touch") == [("unknown",)]
