"""Stages by criteria, hand-off, recycling, replies and the radar, in plans and runs."""

from __future__ import annotations

import pytest

from tests.planner.nursery import CONFIG, DAY, HOUR, Nursery

FUNNEL = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - recycled
  - {stage: engaged, when: interest >= 5}
  - {stage: target, kind: gate, when: fit >= 30}
  - {stage: middle, when: interest >= 20}
  - stage: late
    when: grade in ["A1", "B1"] and touches() >= 1
    handoff: sales
    back: [{to: recycled, for: [no-budget, not-now]}]
  - {stage: sales-lead, back: [{to: recycled, for: [no-budget]}]}
  - {stage: customer, when: did("purchased")}
agreement: {version: "7", date: 2026-01-01, agreed_by: [Mara, Jonas]}
fit:
  - {if: role == "buyer", points: 40}
  - {if: employees >= 100, points: 30}
grades: {fit: [60, 30], interest: [40, 10]}
sales: {channel: task, accepted: sales-lead, won: customer}
recycling:
  no-budget: {rest: 30 days, then: warm, interest: reset}
  not-now: {}
radar:
  - {signal: woke-up, if: 'burst(times=2, within="7 days", after="60 days")', task: Call them, quiet: 10 days}
""",
)


@pytest.fixture
def funnel(nursery: Nursery) -> Nursery:
    nursery.write("nurture.yml", FUNNEL)
    nursery.campaign("c", "stages: {any: [{send: a}, {wait: 2 days}, {send: b}, {wait: 2 days}, {send: c}]}")
    nursery.campaign("warm", "stages: {any: [{send: a}, {send: d}]}", enter='{when: tag("never"), backfill: false}')
    return nursery


def moves(nursery: Nursery, name: str) -> list[tuple[str, str, str]]:
    rows = nursery.db.execute(
        "SELECT from_stage, to_stage, cause FROM stage_move WHERE contact_id = ? ORDER BY id", (nursery.id_of(name),)
    )
    return [tuple(row) for row in rows]


def stage(nursery: Nursery, name: str) -> str:
    found: str = nursery.db.execute("SELECT stage FROM contact WHERE id = ?", (nursery.id_of(name),)).fetchone()[0]
    return found


def ask(nursery: Nursery, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in nursery.db.execute(sql)]


def test_a_contact_moves_to_the_furthest_stage_whose_criteria_it_meets(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer")
    funnel.did("ann", "inquired")  # 25 points

    funnel.run()

    assert moves(funnel, "ann") == [("early", "middle", "criteria")]
    version, facts = ask(funnel, "SELECT version, facts FROM stage_move")[0]
    assert (version, facts) == ("7", '{"interest":25}')


def test_nobody_gets_past_a_gate_whose_criteria_are_not_met(funnel: Nursery) -> None:
    funnel.contact("ann", role="user")
    funnel.did("ann", "inquired")

    funnel.run()

    assert stage(funnel, "ann") == "engaged"


def test_a_gate_is_passed_at_once(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer", stage="engaged")

    funnel.run()

    assert moves(funnel, "ann") == [("engaged", "target", "criteria"), ("target", "middle", "criteria")]


def test_a_lead_is_handed_over_once_and_nurturing_stops(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer")
    funnel.did("ann")  # downloaded: enters c, 8 points
    assert funnel.run() == ["ann a"]
    funnel.pass_time(days=1)
    funnel.did("ann", "requested_demo")
    assert funnel.run() == []
    assert stage(funnel, "ann") == "late"
    assert ask(funnel, "SELECT contact_id, cause, stage, version, sort, state FROM handoff") == [
        (1, "stage late", "late", "7", "new", "open")
    ]
    assert ask(funnel, "SELECT campaign, end_reason FROM enrollment") == [("c", "handoff")]
    funnel.did("ann", "clicked")

    assert funnel.days(10) == []
    assert len(ask(funnel, "SELECT 1 FROM handoff")) == 1


def test_a_name_alone_never_becomes_a_lead(funnel: Nursery) -> None:
    """Neither by a human's hand, nor by a step, nor with fit alone, nor with interest alone."""
    funnel.campaign("eager", "stages: {any: [{stage: late}, {handoff: sales}]}", enter='{when: "True", backfill: true}')
    funnel.contact("fit", role="buyer", stage="late")
    funnel.contact("known", role="buyer")
    funnel.contact("keen", role="user")
    funnel.did("keen", "requested_demo")

    funnel.days(3)

    assert ask(funnel, "SELECT 1 FROM handoff") == []
    assert (stage(funnel, "known"), stage(funnel, "keen")) == ("middle", "engaged")


def test_a_handoff_step_hands_over_who_is_ready_and_lets_the_others_go_on(funnel: Nursery) -> None:
    funnel.campaign(
        "c", "stages: {any: [{send: a}, {handoff: sales}, {send: b}]}", enter='{when: "True", backfill: true}'
    )
    funnel.contact("ann", role="buyer")
    funnel.did("ann", "visited")
    funnel.contact("bob", role="buyer")

    sent = funnel.days(3)

    assert [touch for _, touch in sent] == ["ann a", "bob a", "bob b"]
    assert ask(funnel, "SELECT contact_id, cause FROM handoff") == [(1, "c/any/handoff-after-a")]


def test_a_campaign_with_sales_goes_on_while_sales_has_the_contact(funnel: Nursery) -> None:
    funnel.campaign("c", "stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}", with_sales="true")
    funnel.contact("ann", role="buyer")
    funnel.did("ann", "downloaded")
    funnel.run()
    funnel.did("ann", "requested_demo")

    assert [touch for _, touch in funnel.days(3)] == ["ann b"]
    assert len(ask(funnel, "SELECT 1 FROM handoff")) == 1


def give_back(
    nursery: Nursery, name: str, reason: str, *, days: int = 0, interest: str = "keep", campaign: str = ""
) -> None:
    contact = nursery.id_of(name)
    nursery.db.execute(
        "UPDATE handoff SET state = 'rejected', closed_at = ?, reason = ? WHERE contact_id = ?",
        (nursery.at, reason, contact),
    )
    nursery.change(name, stage="recycled", stage_at=nursery.at, furthest_stage="late")
    nursery.db.execute(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign) VALUES (?,?,?,?,?,?)",
        (contact, nursery.at, reason, interest, nursery.at + days * DAY, campaign),
    )


def lead(nursery: Nursery, name: str) -> None:
    nursery.contact(name, role="buyer")
    nursery.did(name)
    nursery.run()
    nursery.did(name, "requested_demo")
    nursery.run()
    assert stage(nursery, name) == "late"


def test_who_was_given_back_rests_and_then_enters_the_track_without_what_it_had(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    give_back(funnel, "ann", "no-budget", days=30, interest="reset", campaign="warm")

    sent = funnel.days(40)

    assert sent == [(31, "ann d")]
    assert stage(funnel, "ann") == "recycled"
    assert ask(funnel, "SELECT closed_why FROM recycling") == [("rested",)]
    assert ask(funnel, "SELECT heat FROM main.standing") == [(-1e9,)]


def test_who_was_given_back_and_responds_moves_on_before_its_rest_is_over(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    give_back(funnel, "ann", "not-now", days=30)
    assert funnel.days(3) == []
    assert stage(funnel, "ann") == "recycled"  # its interest is high, but nothing new happened
    funnel.did("ann", "visited")
    funnel.run()

    assert stage(funnel, "ann") == "late"
    assert ask(funnel, "SELECT closed_why FROM recycling") == [("moved on",)]
    assert ask(funnel, "SELECT state FROM handoff ORDER BY id") == [("rejected",), ("open",)]
    assert ask(funnel, "SELECT furthest_stage FROM contact") == [("",)]


def test_a_purchase_from_anywhere_ends_the_nurture_and_starts_what_is_for_customers(funnel: Nursery) -> None:
    funnel.campaign(
        "thanks",
        "stages: {any: [{send: e}]}",
        enter='{when: stage == "customer", backfill: true}',
        objective="customers",
    )
    funnel.contact("ann")
    funnel.did("ann")
    assert funnel.run() == ["ann a"]
    funnel.pass_time(days=3)
    funnel.did("ann", "purchased")

    assert funnel.run() == ["ann e"]
    assert ask(funnel, "SELECT campaign, end_reason FROM enrollment ORDER BY id") == [("c", "won"), ("thanks", None)]


def test_a_reply_stops_a_campaign_that_says_so_and_makes_one_task(funnel: Nursery) -> None:
    funnel.campaign("c", "stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}", on_reply="stop")
    funnel.contact("ann")
    funnel.did("ann")
    funnel.run()
    funnel.pass_time(hours=1)
    funnel.did("ann", "replied")

    assert funnel.days(3) == []
    assert ask(funnel, "SELECT end_reason FROM enrollment") == [("replied",)]
    assert ask(funnel, "SELECT title FROM task") == [("Answer a reply",)]


def test_the_radar_tells_once_of_a_known_contact_that_wakes_up(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.did("ann", "visited", ago=90 * DAY)
    funnel.contact("new")
    funnel.did("new", "clicked")
    funnel.did("new", "visited")
    funnel.run()
    assert ask(funnel, "SELECT 1 FROM main.alert") == []
    funnel.did("ann", "visited")
    funnel.run()
    funnel.pass_time(hours=2)
    funnel.did("ann", "clicked", ago=HOUR)
    funnel.run()
    funnel.pass_time(days=1)
    funnel.did("ann", "clicked")
    funnel.run()

    facts = '{"burst(times=2, within=\\"7d\\", after=\\"60d\\")":1}'
    assert ask(funnel, "SELECT contact_id, signal, facts FROM main.alert") == [(1, "woke-up", facts)]
    assert ask(funnel, "SELECT title FROM task") == [("Call them",)]


def test_an_edited_criterion_judges_everybody_anew(funnel: Nursery) -> None:
    funnel.contact("ann", role="user")
    funnel.did("ann", "clicked")
    funnel.run()
    assert stage(funnel, "ann") == "engaged"
    funnel.write("nurture.yml", FUNNEL.replace("kind: gate, when: fit >= 30", "kind: gate, when: fit >= 0"))

    funnel.run()

    assert stage(funnel, "ann") == "middle"


def test_opens_count_nothing_machines_never_and_of_one_kind_two_a_day(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.did("ann", "opened")
    funnel.did("ann", "clicked", machine=True)
    for _ in range(3):
        funnel.did("ann", "visited")  # 2 points each

    funnel.run()

    assert ask(funnel, "SELECT responses FROM main.standing") == [(2,)]
    assert stage(funnel, "ann") == "early"


def test_a_track_that_is_paused_takes_the_contact_in_and_holds_it(funnel: Nursery) -> None:
    lead(funnel, "ann")
    funnel.pass_time(days=1)
    give_back(funnel, "ann", "no-budget", days=10, campaign="warm")
    funnel.campaign(
        "warm", "paused: true\nstages: {any: [{send: a}, {send: d}]}", enter='{when: tag("never"), backfill: false}'
    )
    assert funnel.days(12) == []
    funnel.campaign("warm", "stages: {any: [{send: a}, {send: d}]}", enter='{when: tag("never"), backfill: false}')

    assert funnel.run() == ["ann d"]


def test_a_lead_that_buys_is_no_lead_any_more_and_is_cultivated(funnel: Nursery) -> None:
    funnel.campaign(
        "thanks", "stages: {any: [{send: e}]}", enter='{when: stage == "customer", backfill: true}',
        objective="customers",
    )  # fmt: skip
    lead(funnel, "ann")
    funnel.pass_time(days=2)
    funnel.did("ann", "purchased")

    assert funnel.run() == ["ann e"]
    assert ask(funnel, "SELECT state, closed_at FROM handoff") == [("won", funnel.at)]


def test_the_radar_tells_nobody_of_history_and_moves_contacts_by_it(funnel: Nursery) -> None:
    signal = '{signal: keen, if: clicked(within="30 days"), stage: engaged, task: Call them}'
    silent = '{signal: reads, if: visited(within="30 days"), task: Look}'
    by_fact = '{signal: writes, if: role == "user", task: Write}'
    funnel.write("nurture.yml", FUNNEL.replace("radar:", f"radar:\n  - {signal}\n  - {silent}\n  - {by_fact}"))
    funnel.contact("ann", role="user")
    for kind in ("clicked", "visited"):
        funnel.did("ann", kind, ago=2 * DAY)
    funnel.run()
    assert stage(funnel, "ann") == "engaged"
    assert ask(funnel, "SELECT signal, history FROM main.alert ORDER BY 1") == [("keen", 1), ("writes", 0)]
    assert ask(funnel, "SELECT title FROM task") == [("Write",)]

    funnel.pass_time(days=2)
    funnel.db.execute("UPDATE contact SET phone = '1'")  # no news
    funnel.run()
    assert len(ask(funnel, "SELECT 1 FROM task")) == 1
    funnel.did("ann", "replied")
    funnel.run()
    assert ask(funnel, "SELECT title FROM task ORDER BY id") == [("Write",), ("Call them",), ("Look",)]


def test_what_happened_before_the_project_was_set_up_is_history(funnel: Nursery) -> None:
    began = funnel.at
    funnel.db.execute("UPDATE instance SET created_at = ?", (began,))
    signal = '{signal: reads, if: visited(within="30 days"), task: Look}'
    funnel.write("nurture.yml", FUNNEL.replace("radar:", f"radar:\n  - {signal}"))
    funnel.contact("ann")
    funnel.did("ann", "visited", ago=HOUR)
    funnel.run()
    assert ask(funnel, "SELECT 1 FROM task") == []
    funnel.contact("bob")
    funnel.did("bob", "visited", ago=0)
    funnel.run()
    assert ask(funnel, "SELECT contact_id FROM task") == [(2,)]


def test_a_colleague_who_acts_is_news_for_a_signal_about_the_company(funnel: Nursery) -> None:
    people = '{signal: company, if: company_people(within="30 days") >= 2, task: Look}'
    funnel.write("nurture.yml", FUNNEL.replace("radar:", f"radar:\n  - {people}"))
    for name in ("ann", "bob"):
        funnel.contact(name, company="Acme")
        funnel.did(name, "visited", ago=2 * DAY)
    funnel.run()
    assert ask(funnel, "SELECT 1 FROM task") == []
    funnel.did("bob", "visited")
    funnel.run()
    assert ask(funnel, "SELECT contact_id FROM task ORDER BY 1") == [(1,), (2,)]
