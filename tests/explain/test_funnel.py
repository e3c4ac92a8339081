"""The way through the funnel: exactly one of stays, moves forward, is recycled, is handed off, and why."""

from __future__ import annotations

import pytest

from nurture_cli.explain.funnel import Course
from nurture_cli.reasons import FunnelVerdict
from tests.planner.nursery import DAY, HOUR, MONDAY, Nursery
from tests.planner.test_funnel import FUNNEL, give_back, lead, moves


@pytest.fixture
def funnel(nursery: Nursery) -> Nursery:
    nursery.write("nurture.yml", FUNNEL.replace("accepted: sales-lead", "accept_within: 2 days, accepted: sales-lead"))
    nursery.campaign("c", "stages: {any: [{send: a}, {wait: 2 days}, {send: b}, {wait: 2 days}, {send: c}]}")
    nursery.campaign("warm", "stages: {any: [{send: a}, {send: d}]}", enter='{when: tag("never"), backfill: false}')
    return nursery


def course(nursery: Nursery, name: str = "ann") -> Course:
    return nursery.explain(name).course


def table(told: Course) -> list[tuple[str, str, str, bool]]:
    return [(asked.stage, one.needed, one.seen, one.met) for asked in told.asked for one in asked.criteria]


def test_who_lacks_something_stays_and_is_told_what(funnel: Nursery) -> None:
    funnel.contact("ann", role="user", stage="engaged")
    funnel.did("ann", "inquired")

    told = course(funnel)

    assert (told.verdict, told.to) == (FunnelVerdict.STAYS, None)
    assert told.why == "in engaged; for target they still need fit >= 30 (seen: 0)"
    assert table(told) == [("target", "fit >= 30", "0", False), ("middle", "interest >= 20", "25", True)]
    assert [asked.gate for asked in told.asked] == [True, False]


def test_who_meets_criteria_moves_forward_as_the_run_then_does(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer")
    funnel.did("ann", "inquired")

    told = course(funnel)
    funnel.run()

    assert (told.verdict, told.stage, told.to, told.why) == (
        FunnelVerdict.FORWARD,
        "early",
        "middle",
        "to middle, by the criteria",
    )
    assert table(told) == [("target", "fit >= 30", "40", True), ("middle", "interest >= 20", "25", True)]
    assert (told.fit, told.interest, told.grade, told.responses) == (40, 25, "B2", 1)
    assert [(part.points, part.condition) for part in told.fit_why] == [(40, 'role == "buyer"')]
    assert told.version == "7"
    assert [move[:2] for move in moves(funnel, "ann")] == [("early", "middle")]


def test_who_passes_a_gate_is_told_of_the_gate_alone(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer", stage="engaged")

    told = course(funnel)

    assert (told.verdict, told.to) == (FunnelVerdict.FORWARD, "middle")
    assert table(told) == [("target", "fit >= 30", "40", True)]


def test_who_stands_at_a_gate_is_asked_for_what_the_gate_asks(funnel: Nursery) -> None:
    """And passes, when it has that, to the next stage."""
    funnel.contact("ann", stage="target")
    funnel.contact("bob", stage="target", role="buyer")

    ann, bob = course(funnel), course(funnel, "bob")

    assert (ann.verdict, ann.why) == (
        FunnelVerdict.STAYS,
        "in target; for the next stage they still need fit >= 30 (seen: 0)",
    )
    assert (bob.verdict, bob.to) == (FunnelVerdict.FORWARD, "middle")
    assert table(bob) == [("target", "fit >= 30", "40", True)]


def test_a_gate_before_a_hand_off_asks_for_a_response(funnel: Nursery) -> None:
    funnel.write("nurture.yml", FUNNEL.replace("- {stage: middle, when: interest >= 20}", "").replace(
        "and touches() >= 1", "and touches() >= 9"
    ))  # fmt: skip
    funnel.contact("ann", role="buyer", stage="engaged")

    told = course(funnel)

    assert (told.verdict, table(told)[1]) == (FunnelVerdict.STAYS, ("target", "a response that counts", "0", False))


def test_who_arrives_in_a_stage_that_hands_over_is_handed_off_then_and_until_sales_closes_it(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer")
    funnel.did("ann")
    funnel.run()
    funnel.did("ann", "requested_demo")

    now = course(funnel)
    funnel.run()
    after = course(funnel)
    funnel.db.execute("UPDATE handoff SET state = 'accepted', answered_at = ?", (funnel.at,))
    accepted = course(funnel)

    assert (now.verdict, now.to) == (FunnelVerdict.HANDED_OFF, "late")
    assert now.why == "to Sales, in the next run, as they move to late"
    assert ("late", "touches() >= 1", "1", True) in table(now)
    assert after.verdict is FunnelVerdict.HANDED_OFF
    assert after.why == (
        "with Sales since 2026-03-02 09:00 +01:00 (stage late): not answered yet,"
        " an answer is due by 2026-03-04 09:00 +01:00"
    )
    assert accepted.why == "with Sales since 2026-03-02 09:00 +01:00 (stage late): accepted"


def test_who_was_given_back_is_recycled_until_its_rest_is_over(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    give_back(funnel, "ann", "no-budget", days=30, interest="reset", campaign="warm")

    resting = course(funnel)
    funnel.pass_time(days=30)
    rested = course(funnel)
    funnel.run()
    afterwards = course(funnel)

    assert resting.verdict is FunnelVerdict.RECYCLED
    assert resting.why == (
        "returned by Sales on 2026-03-03 09:00 +01:00 for no-budget, rests until 2026-04-02 10:00 +02:00,"
        " then enters warm"
    )
    assert (resting.furthest_stage, resting.interest) == ("late", 0)
    assert rested.verdict is FunnelVerdict.STAYS
    assert rested.why.startswith(
        "in recycled; the rest is over, and they enter warm; for engaged they still need interest >= 5"
    )
    assert (afterwards.verdict, "rest is over" in afterwards.why) == (FunnelVerdict.STAYS, False)


def test_after_going_back_only_a_new_response_moves_it_forward(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    give_back(funnel, "ann", "not-now")
    funnel.run()
    before = course(funnel)
    funnel.pass_time(hours=1)
    funnel.did("ann", "visited")
    after = course(funnel)

    assert (before.verdict, before.why) == (
        FunnelVerdict.STAYS,
        "in recycled; for engaged they still need a response since Sales returned them (seen: none)",
    )
    assert (after.verdict, after.to) == (FunnelVerdict.HANDED_OFF, "late")


def test_a_purchase_goes_before_what_sales_has_in_hand(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.did("ann", "purchased")

    told = course(funnel)

    assert (told.verdict, told.to) == (FunnelVerdict.FORWARD, "customer")
    assert told.with_sales is not None
    assert table(told) == [("customer", 'did("purchased")', "yes", True)]


def test_no_gate_is_asked_of_who_buys(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.did("ann", "purchased")

    told = course(funnel)

    assert (told.verdict, told.to) == (FunnelVerdict.FORWARD, "customer")
    assert table(told) == [("customer", 'did("purchased")', "yes", True)]


def test_a_hand_off_asks_for_a_response_though_the_criteria_do_not(funnel: Nursery) -> None:
    funnel.write("nurture.yml", FUNNEL.replace('grade in ["A1", "B1"] and touches() >= 1', "touches() >= 0"))
    funnel.contact("ann", role="buyer", stage="middle")

    told = course(funnel)

    assert told.verdict is FunnelVerdict.STAYS
    assert table(told) == [
        ("late", "touches() >= 0", "0", True), ("late", "a response that counts", "0", False),
        ("late", "fit > 0", "40", True),
    ]  # fmt: skip
    assert "they still need a response that counts (seen: 0)" in told.why


def test_a_step_and_the_radar_move_forward_too(funnel: Nursery) -> None:
    funnel.write("nurture.yml", FUNNEL.replace("task: Call them", "stage: engaged"))
    funnel.campaign("step", "stages: {any: [{stage: engaged}]}", enter='{when: tag("x"), backfill: true}')
    funnel.contact("ann")
    funnel.did("ann", "visited", ago=90 * DAY)
    funnel.run()
    funnel.did("ann", "visited", ago=HOUR)
    funnel.did("ann", "visited")
    funnel.contact("bob")
    funnel.db.execute("INSERT INTO contact_tag VALUES (?, 'x')", (funnel.id_of("bob"),))

    ann, bob = course(funnel), course(funnel, "bob")

    assert (ann.verdict, ann.why) == (FunnelVerdict.FORWARD, "to engaged, by radar/woke-up")
    assert (bob.verdict, bob.why) == (FunnelVerdict.FORWARD, "to engaged, by step/any/stage-first")


def test_the_evidence_of_the_radar_is_shown_as_long_as_it_is_not_told_again(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.did("ann", "visited", ago=90 * DAY)
    funnel.run()
    funnel.did("ann", "visited", ago=HOUR)
    funnel.did("ann", "visited")

    now = course(funnel).noticed
    funnel.run()
    later = course(funnel).noticed
    funnel.pass_time(days=11)
    gone = course(funnel).noticed

    assert [(one.signal, one.at, dict(one.facts)) for one in now] == [
        ("woke-up", MONDAY, {'burst(times=2, within="7d", after="60d")': 1})
    ]
    assert later == now
    assert gone == ()


def test_a_project_without_criteria_has_one_turn_too(nursery: Nursery) -> None:
    nursery.contact("ann")
    nursery.contact("bob", stage="customer")

    assert course(nursery).why == "in early; no later stage has criteria"
    assert course(nursery, "bob").why == "in customer; it is the last stage"


def test_explain_and_run_agree_about_every_turn(funnel: Nursery) -> None:
    """Whatever a contact is like: what is said to move forward or to be handed off is, and nobody else is."""
    roles, kinds = ("buyer", "user", None), ("visited", "inquired", "requested_demo", "purchased", None)
    stages = ("early", "engaged", "target", "middle", "late", "sales-lead")
    for number in range(90):
        name = f"p{number}"
        funnel.contact(name, role=roles[number % 3], stage=stages[number // 15])
        if kind := kinds[number % 5]:
            funnel.did(name, kind)
    told = {number: course(funnel, f"p{number}") for number in range(90)}
    before = dict(funnel.db.execute("SELECT email, stage FROM contact").fetchall())
    funnel.run()

    assert {one.verdict for one in told.values()} == {
        FunnelVerdict.STAYS,
        FunnelVerdict.FORWARD,
        FunnelVerdict.HANDED_OFF,
    }
    for number, one in told.items():
        email = f"p{number}@people.example"
        stage, handed = funnel.db.execute(
            "SELECT stage, EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id) FROM contact c WHERE email = ?",
            (email,),
        ).fetchone()
        assert stage == (one.to or before[email]), one
        assert (one.verdict is FunnelVerdict.HANDED_OFF) == bool(handed), one
        if one.verdict is FunnelVerdict.FORWARD:
            assert one.to != before[email]


def test_a_campaign_that_the_funnel_ended_or_keeps_shut_says_so(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(hours=1)
    with_sales = {one.campaign: one for one in funnel.explain("ann").places}
    give_back(funnel, "ann", "no-budget", days=30)
    resting = {one.campaign: one for one in funnel.explain("ann").places}
    funnel.contact("bob", stage="customer")
    funnel.did("bob")
    bought = {one.campaign: one for one in funnel.explain("bob").places}

    assert with_sales["c"].state == "ended"
    assert with_sales["c"].why == (
        "left: handoff (handed to Sales: nurturing stops);"
        " with Sales: they enter only campaigns with `with_sales: true`"
    )
    assert with_sales["warm"].why == "with Sales: they enter only campaigns with `with_sales: true`"
    assert resting["warm"].why == "at rest after Sales returned them: they enter no campaign"
    assert resting["warm"].frees == "when the rest ends, or they respond"
    assert bought["c"].why == "has bought: they do not enter campaigns with `objective: new`"


def test_a_campaign_that_is_about_to_be_left_says_why(funnel: Nursery) -> None:
    funnel.campaign("c", "stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}", on_reply="stop")
    funnel.contact("ann")
    funnel.did("ann")
    funnel.run()
    funnel.pass_time(hours=1)
    funnel.did("ann", "replied")

    place = next(one for one in funnel.explain("ann").places if one.campaign == "c")

    assert place.why == "leaves now: replied (they wrote back, and the campaign says `on_reply: stop`)"


def test_the_story_tells_signals_stages_hand_offs_and_returns_in_order(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    funnel.db.execute("UPDATE handoff SET state = 'accepted', answered_at = ?", (funnel.at - HOUR,))
    give_back(funnel, "ann", "no-budget", days=30)
    funnel.db.execute(
        "INSERT INTO stage_move (contact_id, from_stage, to_stage, at, cause, reason, version)"
        " VALUES (1, 'late', 'recycled', ?, 'sales reject', 'no-budget', '7')",
        (funnel.at,),
    )
    funnel.pass_time(days=30)
    funnel.run()

    past = [
        (one.kind, one.text) for one in funnel.explain("ann").past if one.kind not in ("event", "decision", "touch")
    ]

    assert past == [
        ("stage", "early -> target (criteria, version 7)"),
        ("stage", "target -> middle (criteria, version 7)"),
        ("stage", "middle -> late (criteria, version 7)"),
        ("hand-off", "to Sales (stage late, new)"),
        ("hand-off", "accepted"),
        ("hand-off", "rejected: no-budget"),
        ("stage", "late -> recycled (sales reject, no-budget, version 7)"),
        ("recycling", "returned by Sales: no-budget, interest: keep"),
        ("recycling", "its rest has ended: rested"),
    ]
