"""Pull: an asset that was asked for goes next, wherever the contact stands, and its way goes on after (B9, B10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.planner.nursery import CONFIG, DAY, Nursery

FUNNEL = CONFIG.replace("10 per day", "1 per day").replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - middle
  - {stage: late, when: interest >= 60, handoff: sales, back: [{to: early, for: [not-now]}]}
  - {stage: customer, when: did("purchased")}
interest: {points: {requested: 0}}
sales: {channel: task, won: customer}
recycling: {not-now: {rest: 5 days}}
""",
)
CAMPAIGN = """
pace: {window: "Mon-Fri 09:00-17:00"}
stages: {any: [{send: a}, {wait: 4 days}, {send: b}]}
"""


def wait(nursery: Nursery) -> None:
    nursery.did("ann")
    assert nursery.run() == ["ann a"]
    nursery.pass_time(days=1)


def night(nursery: Nursery) -> None:
    nursery.pass_time(hours=12)
    nursery.did("ann")
    assert nursery.run() == []
    assert nursery.held() == ["ann a window"]


def full(nursery: Nursery) -> None:
    nursery.did("ann")
    assert nursery.run() == ["ann a"]
    nursery.pass_time(hours=1)


def at_the_end(nursery: Nursery) -> None:
    nursery.did("ann")
    assert [touch for _, touch in nursery.days(5)] == ["ann a", "ann b"]
    nursery.run()
    assert nursery.db.execute("SELECT state FROM enrollment").fetchall() == [("exhausted",)]


def nowhere(nursery: Nursery) -> None:
    nursery.run()


def with_sales(nursery: Nursery) -> None:
    wait(nursery)
    nursery.did("ann", "requested_demo")
    nursery.did("ann", "requested_demo")
    assert nursery.run() == []
    assert nursery.db.execute("SELECT state FROM handoff").fetchall() == [("open",)]


def at_rest(nursery: Nursery) -> None:
    with_sales(nursery)
    nursery.pass_time(days=1)
    nursery.db.execute("UPDATE handoff SET state = 'rejected', reason = 'not-now', closed_at = ?", (nursery.at,))
    nursery.change("ann", stage="early", stage_at=nursery.at, furthest_stage="late")
    nursery.db.execute(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign)"
        " VALUES (1, ?, 'not-now', 'keep', ?, '')",
        (nursery.at, nursery.at + 5 * DAY),
    )
    nursery.run()


def suppressed(nursery: Nursery) -> None:
    wait(nursery)
    nursery.db.execute(
        "INSERT INTO suppression (address_hash, reason, source, at) SELECT address_hash, 'manual', 't', 0 FROM contact"
    )


def without_consent(nursery: Nursery) -> None:
    wait(nursery)
    nursery.change("ann", consent="withdrawn")


def had_before(nursery: Nursery) -> None:
    wait(nursery)
    nursery.did("ann", "requested", "c")
    assert nursery.run() == ["ann c"]
    nursery.pass_time(days=1)


def allow(nursery: Nursery) -> None:
    nursery.change("ann", consent="express")


def lift(nursery: Nursery) -> None:
    nursery.db.execute("UPDATE suppression SET lifted_at = 1, lifted_why = 'asked for it'")


def nothing(nursery: Nursery) -> None:
    pass


@dataclass(frozen=True)
class Case:
    """Where the contact stands, what becomes of its request now, and what goes out in the days after `then`."""

    stands: Callable[[Nursery], None]
    now: str  # sent, a reason for which it is held, or how it was closed
    later: tuple[str, ...]
    then: Callable[[Nursery], None] = nothing


CASES = {
    "during a wait": Case(wait, "sent", ("ann b",)),
    "outside the window": Case(night, "sent", ("ann a", "ann b")),
    "over the cap": Case(full, "cap", ("ann c", "ann b")),
    "exhausted": Case(at_the_end, "sent", ()),
    "in no campaign": Case(nowhere, "sent", ()),
    "with Sales": Case(with_sales, "sent", ()),
    "at rest": Case(at_rest, "sent", ()),
    "suppressed": Case(suppressed, "suppressed", ("ann c", "ann b"), lift),
    "without consent": Case(without_consent, "no-consent", ("ann c", "ann b"), allow),
    "received before": Case(had_before, "received", ("ann b",)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_request_has_one_outcome_wherever_the_contact_stands(nursery: Nursery, case: Case) -> None:
    nursery.write("nurture.yml", FUNNEL)
    nursery.campaign("c", CAMPAIGN)
    nursery.contact("ann")
    case.stands(nursery)
    open_before = nursery.db.execute("SELECT campaign, ended_at FROM enrollment").fetchall()
    nursery.did("ann", "requested", "c")

    sent = nursery.run()

    state, held = nursery.db.execute("SELECT state, held_reason FROM request ORDER BY id DESC").fetchone()
    assert (held or state) == case.now
    assert sent == (["ann c"] if case.now == "sent" else [])
    assert nursery.run() == []  # once
    assert nursery.db.execute("SELECT campaign, ended_at FROM enrollment").fetchall() == open_before
    case.then(nursery)
    nursery.pass_time(hours=12 if case.stands is night else 24)
    assert tuple(touch for _, touch in nursery.days(8)) == case.later
    assert nursery.db.execute("SELECT count(*) FROM request WHERE state = 'open'").fetchone() == (0,)


def test_what_was_asked_for_is_not_sent_once_more_by_the_campaign(nursery: Nursery) -> None:
    """The way goes on behind it.

    stages: {any: [{send: a}, {wait: 1 day}, {send: b}, {wait: 1 day}, {send: c}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.did("ann", "requested", "b")

    assert nursery.run() == ["ann b"]
    nursery.pass_time(days=1)
    assert [touch for _, touch in nursery.days(4)] == ["ann c"]


def test_a_request_of_a_machine_asks_for_nothing(nursery: Nursery) -> None:
    nursery.contact("ann")
    nursery.did("ann", "requested", "b", machine=True)

    assert nursery.run() == []
    assert nursery.db.execute("SELECT count(*) FROM request").fetchone() == (0,)


@pytest.mark.parametrize(("stage", "asset"), [("early", "b"), ("middle", "c"), ("late", "d")])
def test_the_same_event_in_another_stage_leads_to_another_asset(nursery: Nursery, stage: str, asset: str) -> None:
    """B10: a click is answered by what is written for where the contact stands.

    enter: {when: 'True', backfill: true}
    stages:
      early: [{wait_for: clicked("a"), within: forever, then: [{send: b}], else: []}]
      middle: [{wait_for: clicked("a"), within: forever, then: [{send: c}], else: []}]
      any: [{wait_for: clicked("a"), within: forever, then: [{send: d}], else: []}]
    """
    nursery.contact("ann", stage=stage)
    assert nursery.run() == []
    nursery.did("ann", "clicked", "a")

    assert nursery.run() == [f"ann {asset}"]


def test_the_same_event_before_and_after_a_move_leads_to_two_assets(nursery: Nursery) -> None:
    """Each stage waits for a click of its own.

    enter: {when: 'True', backfill: true}
    stages:
      early: [{wait_for: clicked("a"), within: forever, since: arrival, then: [{send: b}, {stage: middle}], else: []}]
      any: [{wait_for: clicked("a"), within: forever, since: arrival, then: [{send: c}], else: []}]
    """
    nursery.contact("ann")
    nursery.run()
    nursery.pass_time(hours=1)
    nursery.did("ann", "clicked", "a")
    assert nursery.run() == ["ann b"]
    nursery.pass_time(hours=1)
    assert nursery.run() == []
    nursery.pass_time(hours=1)
    nursery.did("ann", "clicked", "a")

    assert nursery.run() == ["ann c"]
