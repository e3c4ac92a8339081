"""Why somebody did, or did not, get something. The campaign of a test is its docstring."""

from __future__ import annotations

import pytest

from nurture_cli.reasons import Verdict
from tests.planner.nursery import CONFIG, HOUR, Nursery


@pytest.mark.parametrize("mail", ["{type: outbox}", "{type: outbox, hourly: 3}"])
def test_explain_and_plan_agree_about_everybody(nursery: Nursery, mail: str) -> None:
    """What is due or held in the plan is that in the explanation too, also where others use up a channel's limit.

    pace: {window: "Mon-Sun 08:00-18:00"}
    stages:
      early: [{send: a}, {wait: 1 day}, {send: b}]
      middle: [{stream: [c, d], every: 1 day}]
    """
    nursery.write("nurture.yml", CONFIG.replace("{type: outbox}", mail))
    for number in range(12):
        consent = "unknown" if number % 5 == 0 else "express"
        zone = "Asia/Tokyo" if number % 4 == 0 else None
        nursery.contact(f"p{number}", stage=["early", "middle", "late"][number % 3], consent=consent, zone=zone)
        nursery.did(f"p{number}")
    reasons = set[str]()
    for _ in range(5):
        plan = nursery.plan()
        expected = {due.contact_id: "due" for due in plan.due()}
        expected |= {held.contact_id: held.reason for held in plan.held()}
        seen = {}
        for number in range(12):
            (place,) = nursery.explain(f"p{number}").places
            if place.state in ("due", "held"):
                seen[nursery.id_of(f"p{number}")] = place.reason or "due"
        assert seen == expected
        reasons |= set(seen.values())
        nursery.run()
        nursery.pass_time(hours=10)
    assert reasons >= {"due", "window", "no-consent"}
    assert ("channel-limit" in reasons) == ("hourly" in mail)


def test_the_past_is_told_in_order_with_the_facts_seen(nursery: Nursery) -> None:
    """Events, decisions, stage moves and touches.

    stages:
      any:
        - branch: [{if: did("downloaded"), then: [{stage: middle}, {send: a}]}, {else: []}]
    """
    nursery.contact("ann")
    nursery.did("ann", asset="ebook", ago=HOUR)
    nursery.run()
    past = nursery.explain("ann").past

    assert [(one.kind, one.text) for one in past] == [
        ("event", "downloaded ebook"),
        ("decision", "entered: c"),
        ("decision", "sequence: any"),
        ("decision", "branch: 1"),
        ("decision", "stage: middle"),
        ("stage", "early -> middle (c/any/stage-after-branch-first.1)"),
        ("touch", "a: sent (its turn in c: any/a)"),
    ]
    assert past[3].facts == {'did("downloaded")': 1}


def test_the_past_says_that_a_stream_had_nothing_left_to_send(nursery: Nursery) -> None:
    """Every item is received.

    stages: {any: [{stream: [a], every: 1 day}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.days(2)

    assert ("decision", "stream: nothing left to send") in [(one.kind, one.text) for one in nursery.explain("ann").past]


def test_what_is_new_about_a_colleague_counts_as_it_will_in_the_next_run(nursery: Nursery) -> None:
    """No run has seen the colleague's response.

    enter: {when: company_interest >= 20, backfill: true}
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann", company="One")
    nursery.contact("bob", company="One")
    nursery.run()
    nursery.did("ann", "inquired")

    assert nursery.explain("bob").assets[0].verdict is Verdict.DUE
    nursery.write("nurture.yml", CONFIG + "interest: {points: {inquired: 10}}\n")
    assert nursery.explain("bob").assets[0].verdict is Verdict.NOT_ENTERED
    assert nursery.run() == []
