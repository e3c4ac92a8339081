"""Why somebody did, or did not, get something. The campaign of a test is its docstring."""

from __future__ import annotations

import pytest

from nurture_cli.reasons import Verdict
from tests.planner.nursery import CONFIG, DAY, HOUR, MONDAY, Nursery


def verdicts(nursery: Nursery, name: str) -> dict[str, str]:
    return {one.asset: str(one.verdict) for one in nursery.explain(name).assets}


def test_every_asset_has_exactly_one_verdict(nursery: Nursery) -> None:
    """From received to out of reach.

    stages:
      any:
        - send: a
        - wait: 2 days
        - send: b
        - wait_for: clicked("b")
          within: 3 days
          then: [{send: c}]
          else: [{send: d}]
      middle: [{send: e}]
    """
    nursery.write_asset("f", expires="2026-03-01")
    nursery.write_asset("g")
    nursery.contact("ann")
    before = verdicts(nursery, "ann")
    nursery.did("ann")
    due = verdicts(nursery, "ann")
    nursery.days(3)
    after = nursery.explain("ann")

    assert before == dict.fromkeys("abcde", "not-entered") | {"f": "expired", "g": "unused"}
    assert due == {"a": "due"} | dict.fromkeys("bcd", "ahead") | {"e": "other-way", "f": "expired", "g": "unused"}
    assert {one.asset: one.verdict for one in after.assets} == {
        "a": Verdict.RECEIVED, "b": Verdict.RECEIVED, "c": Verdict.AHEAD, "d": Verdict.AHEAD, "e": Verdict.OTHER_WAY,
        "f": Verdict.EXPIRED, "g": Verdict.UNUSED,
    }  # fmt: skip


def test_a_wait_names_what_it_waits_for_and_until_when(nursery: Nursery) -> None:
    """The condition, its facts and the time-out.

    stages:
      any:
        - send: a
        - wait_for: clicked("a") and role == "buyer"
          within: 3 days
          then: []
          else: []
    """
    nursery.contact("ann", role="user")
    nursery.did("ann")
    nursery.days(1)
    nursery.did("ann", "clicked", "a")
    (place,) = nursery.explain("ann").places

    assert (place.state, place.next_at) == ("waiting", MONDAY + 3 * DAY)
    (question,) = [question for question in place.questions if question.name == "wait_for"]
    assert (question.answer, question.facts) == (False, {'did("clicked", "a")': 1, "role": "user"})


def test_a_hold_names_its_reason_its_end_and_its_cure(nursery: Nursery) -> None:
    """Held by time, and held until something changes.

    pace: {window: "Mon-Fri 09:00-17:00"}
    stages: {any: [{send: a}]}
    """
    nursery.pass_time(hours=9)
    nursery.contact("ann")
    nursery.contact("ben", consent="unknown")
    for name in ("ann", "ben"):
        nursery.did(name)
    (ann,), (ben,) = nursery.explain("ann").places, nursery.explain("ben").places

    assert (ann.state, ann.reason, ann.next_at) == ("held", "window", MONDAY + DAY)
    assert (ben.reason, ben.next_at) == ("no-consent", None)
    assert "consent" in ben.frees
    assert verdicts(nursery, "ben") == {"a": "held"} | dict.fromkeys("bcdef", "unused")


def test_who_did_not_enter_sees_the_condition_and_its_facts(nursery: Nursery) -> None:
    """Also who was passed over.

    enter: {when: did("visited") and employees >= 50, backfill: false}
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann", fields={"employees": 20})
    nursery.contact("ben", fields={"employees": 70})
    for name in ("ann", "ben"):
        nursery.did(name, "visited")
    nursery.run()
    (ann,), (ben,) = nursery.explain("ann").places, nursery.explain("ben").places

    assert ann.why == "does not match the entry condition"
    assert ann.questions[0].facts == {'did("visited")': 1, "employees": 20}
    assert ben.why == "matched before the campaign's first run (`backfill: false`)"


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

    assert verdicts(nursery, "bob")["a"] == "due"
    nursery.write("nurture.yml", CONFIG + "interest: {points: {inquired: 10}}\n")
    assert verdicts(nursery, "bob")["a"] == "not-entered"
    assert nursery.run() == []
