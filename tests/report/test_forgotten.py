"""Nobody forgotten: who is beyond the time of a stage, whom nothing reaches, who is in no track."""

from __future__ import annotations

import re

import pytest

from nurture_cli.report import forgotten
from nurture_cli.report.forgotten import Promise, breaches, silent, stuck
from tests.planner.nursery import CONFIG, DAY, HOUR, MONDAY, Nursery

FUNNEL = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - {stage: early, kind: sla, within: 10 days, owner: marketing}
  - recycled
  - stage: middle
    when: interest >= 20 and role in ["buyer", "boss"] and clicked("a")
    kind: sla
    within: 4 business days
    owner: both
  - {stage: late, when: 'fit >= 30 and interest >= 5', handoff: sales, back: [{to: recycled, for: [no-budget]}]}
  - {stage: customer, kind: sla, within: 1 day, owner: marketing}
fit:
  - {if: role == "buyer", points: 40}
sales: {channel: task, accept_within: 2 business days}
recycling: {no-budget: {rest: 30 days}}
closed: [2026-03-06]
""",
)


@pytest.fixture
def funnel(nursery: Nursery) -> Nursery:
    nursery.write("nurture.yml", FUNNEL)
    return nursery


def config_of(nursery: Nursery) -> object:
    config = nursery.project.config
    assert config is not None
    return config


def stuck_ones(nursery: Nursery) -> list[tuple[str, str, str]]:
    found = breaches(nursery.db, config_of(nursery), nursery.at)  # type: ignore[arg-type]
    told = stuck(nursery.project, nursery.db, nursery.at, found)
    return [(one.breach.email.partition("@")[0], str(one.breach.promise), one.lacks) for one in told]


def silent_ones(nursery: Nursery, days: int = 60, *, no_track: bool = False) -> list[tuple[str, str, str]]:
    found = silent(nursery.db, nursery.project.campaigns, nursery.at, days=days, no_track=no_track)
    return [(one.email.partition("@")[0], one.reason, one.campaign) for one in found]


def give_back(nursery: Nursery, name: str, rest_until: int) -> None:
    nursery.db.execute(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign)"
        " VALUES (?, ?, 'x', 'keep', ?, '')",
        (nursery.id_of(name), nursery.at, rest_until),
    )


def hand_over(nursery: Nursery, name: str) -> None:
    nursery.db.execute(
        "INSERT INTO handoff (contact_id, at, cause, stage, version, sort) VALUES (?, ?, 'x', 'late', '', 'new')",
        (nursery.id_of(name), nursery.at),
    )


def suppress(nursery: Nursery, name: str) -> None:
    nursery.db.execute(
        "INSERT INTO suppression (address_hash, reason, source, at)"
        " SELECT address_hash, 'manual', 'test', 0 FROM contact WHERE id = ?",
        (nursery.id_of(name),),
    )


def test_who_is_within_the_time_of_the_stage_is_not_stuck(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.contact("old", stage="recycled", stage_at=MONDAY - 900 * DAY)
    funnel.pass_time(days=10)
    assert stuck_ones(funnel) == []
    funnel.pass_time(hours=1)

    assert [name for name, _, _ in stuck_ones(funnel)] == ["ann"]


def test_the_time_of_a_stage_is_counted_in_the_zone_of_the_project_with_its_closed_days(funnel: Nursery) -> None:
    """Four business days from Monday, with the Friday closed, end on the Monday after."""
    funnel.contact("ann", stage="middle", zone="Asia/Tokyo")
    (due,) = (MONDAY + 7 * DAY,)
    funnel.at = due
    assert stuck_ones(funnel) == []
    funnel.at = due + 1
    (breach,) = breaches(funnel.db, config_of(funnel), funnel.at)  # type: ignore[arg-type]

    assert (breach.since, breach.due, str(breach.owner)) == (MONDAY, due, "both")


def test_days_are_calendar_days_over_a_change_of_the_clock(funnel: Nursery) -> None:
    """From 20 March 09:00 to 30 March 09:00, an hour less than ten times 24."""
    began = MONDAY + 18 * DAY
    funnel.contact("ann", stage_at=began)
    funnel.at = began + 10 * DAY - HOUR + 1

    assert [name for name, _, _ in stuck_ones(funnel)] == ["ann"]


def test_the_one_criterion_that_is_lacking_is_named_with_what_was_seen(funnel: Nursery) -> None:
    funnel.contact("ann", role="boss")
    funnel.did("ann", "clicked", "a")
    funnel.did("ann", "downloaded")
    funnel.run()
    funnel.pass_time(days=11)

    assert stuck_ones(funnel) == [("ann", "stage", "interest >= 20 (seen: 10)")]


def test_of_several_criteria_the_nearest_is_named(funnel: Nursery) -> None:
    funnel.contact("ann", role="user")
    funnel.did("ann", "downloaded")
    funnel.run()
    funnel.pass_time(days=11)

    assert stuck_ones(funnel) == [("ann", "stage", "3 of 3, the nearest: interest >= 20 (seen: 6)")]


def test_where_no_later_stage_has_criteria_that_is_said(funnel: Nursery) -> None:
    funnel.contact("ann", stage="customer")
    funnel.pass_time(days=2)

    assert stuck_ones(funnel) == [("ann", "stage", forgotten.NOTHING_ASKED)]


def test_who_meets_everything_waits_for_the_next_run(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer")
    funnel.run()
    funnel.pass_time(days=11)
    funnel.did("ann", "clicked", "a")
    funnel.did("ann", "requested_demo")
    lacks_before = stuck_ones(funnel)
    funnel.db.execute("UPDATE main.standing SET heat = 1000, fit = 40, responses = 2")

    assert "interest >= 20" in lacks_before[0][2]  # the last run knows nothing of the clicks
    assert stuck_ones(funnel) == [("ann", "stage", forgotten.NOTHING_LACKING)]


def test_sales_that_does_not_answer_in_time_is_named_with_its_lead(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer", stage="middle")
    funnel.did("ann", "requested_demo")
    funnel.run()
    assert stuck_ones(funnel) == []
    funnel.pass_time(days=2, hours=1)
    answer = ("ann", "hand-off", "an answer from Sales")
    assert stuck_ones(funnel) == [answer]
    funnel.db.execute("UPDATE handoff SET state = 'accepted', answered_at = ?", (funnel.at,))

    assert stuck_ones(funnel) == []


def test_both_promises_can_be_broken_for_one_contact_the_oldest_first(funnel: Nursery) -> None:
    funnel.contact("ann", role="buyer", stage="middle")
    funnel.did("ann", "requested_demo")
    funnel.run()
    funnel.change("ann", stage="early", stage_at=MONDAY)
    funnel.contact("bob", stage_at=MONDAY - DAY)
    funnel.pass_time(days=12)

    told = stuck_ones(funnel)

    assert [(name, promise) for name, promise, _ in told] == [
        ("ann", "hand-off"), ("bob", "stage"), ("ann", "stage"),
    ]  # fmt: skip
    assert told[2][2] == "an answer from Sales"


def test_one_stage_can_be_asked_about(funnel: Nursery) -> None:
    funnel.contact("ann")
    funnel.contact("bob", stage="customer")
    funnel.pass_time(days=20)
    found = breaches(funnel.db, config_of(funnel), funnel.at, "customer")  # type: ignore[arg-type]

    assert [(one.email, one.promise) for one in found] == [("bob@people.example", Promise.STAGE)]


def test_a_response_is_lacking_of_who_was_given_back(funnel: Nursery) -> None:
    funnel.write("nurture.yml", FUNNEL.replace("- recycled", "- {stage: recycled, kind: sla, within: 5 days}"))
    funnel.contact("ann", role="buyer", stage="recycled")
    funnel.did("ann", "clicked", "a")
    funnel.did("ann", "requested_demo")
    give_back(funnel, "ann", funnel.at)
    funnel.run()
    funnel.pass_time(days=6)

    assert stuck_ones(funnel) == [("ann", "stage", "a response since Sales returned them (seen: none)")]


@pytest.fixture
def quiet(funnel: Nursery) -> Nursery:
    funnel.write("nurture.yml", FUNNEL.replace('"10 per day"', '"1 per 90 days"'))
    funnel.campaign(
        "c",
        """
        stages:
          early: [{send: a}, {wait: 70 days}, {send: b}]
          late: [{wait: 200 days}, {send: c}]
        """,
    )
    return funnel


def test_the_reason_of_every_silence_is_told(quiet: Nursery) -> None:
    for name in ("capped", "done", "none", "rests", "waits", "unsubscribed", "nobody", "resting", "lead"):
        quiet.contact(name)
    quiet.change("none", consent="unknown")
    quiet.change("resting", stage="middle")
    quiet.change("waits", stage="late")
    for name in ("capped", "none", "waits", "unsubscribed", "resting"):
        quiet.did(name)
    quiet.run()
    hand_over(quiet, "lead")
    give_back(quiet, "rests", quiet.at + 300 * DAY)
    suppress(quiet, "unsubscribed")
    quiet.pass_time(days=71)
    quiet.run()

    assert {name: (reason, campaign) for name, reason, campaign in silent_ones(quiet)} == {
        "capped": ("cap", "c"), "none": ("no-consent", "c"), "waits": ("waiting", "c"), "resting": ("resting", "c"),
        "unsubscribed": ("suppressed", ""), "nobody": ("no-campaign", ""), "done": ("no-campaign", ""),
        "lead": ("with-sales", ""), "rests": ("at-rest", ""),
    }  # fmt: skip


def test_who_has_everything_is_exhausted(quiet: Nursery) -> None:
    quiet.campaign("c", "stages: {early: [{send: a}]}")
    quiet.contact("ann")
    quiet.did("ann")
    quiet.days(2)
    quiet.pass_time(days=60)

    assert silent_ones(quiet) == [("ann", "exhausted", "c")]


def test_a_silence_counts_from_the_last_touch_or_from_the_day_of_adding_the_longest_first(quiet: Nursery) -> None:
    quiet.contact("new", created_at=MONDAY + 50 * DAY)
    quiet.contact("old", created_at=MONDAY - 10 * DAY)
    quiet.contact("ann", created_at=MONDAY - 30 * DAY)
    quiet.did("ann")
    quiet.run()
    quiet.at = MONDAY + 60 * DAY
    found = list(silent(quiet.db, ["c"], quiet.at, days=60))

    assert [(one.email.partition("@")[0], one.since, one.last_touch) for one in found] == [
        ("old", MONDAY - 10 * DAY, None), ("ann", MONDAY, MONDAY),
    ]  # fmt: skip
    assert [one.contact_id for one in silent(quiet.db, ["c"], quiet.at, days=61)] == [quiet.id_of("old")]


def test_in_no_track_is_who_may_be_written_to_and_is_nowhere(quiet: Nursery) -> None:
    for name in ("nowhere", "inside", "left", "ended", "gone", "unsubscribed", "lead", "rests", "none"):
        quiet.contact(name)
    quiet.change("none", consent_source=None)
    quiet.change("ended", consent_until=quiet.at)
    quiet.did("inside")
    quiet.run()
    quiet.db.execute(
        "INSERT INTO enrollment (contact_id, campaign, pass, entered_at, state, arrived_at, anchor_at)"
        " VALUES (?, 'no-longer-there', 1, 0, 'resting', 0, 0)",
        (quiet.id_of("gone"),),
    )
    quiet.db.execute(
        "INSERT INTO enrollment (contact_id, campaign, pass, entered_at, state, arrived_at, anchor_at, ended_at,"
        " end_reason) VALUES (?, 'c', 1, 0, 'ended', 0, 0, 5, 'exit')",
        (quiet.id_of("left"),),
    )
    hand_over(quiet, "lead")
    give_back(quiet, "rests", quiet.at)
    suppress(quiet, "unsubscribed")

    assert [name for name, *_ in silent_ones(quiet, 0, no_track=True)] == ["nowhere", "left", "gone"]


def test_the_questions_look_up_what_belongs_to_a_contact(quiet: Nursery) -> None:
    """With the statistics of a big list: contacts may be scanned, nothing that grows with what happened may."""
    for number in range(50):
        quiet.contact(f"p{number}", role="buyer", stage=("early", "middle")[number % 2])
        quiet.did(f"p{number}")
    quiet.run()
    quiet.pass_time(days=80)
    quiet.db.execute("ANALYZE")
    quiet.db.execute("UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat, ' '))")
    quiet.db.execute("ANALYZE sqlite_schema")
    seen: list[str] = []
    quiet.db.set_trace_callback(seen.append)
    assert stuck_ones(quiet)
    assert silent_ones(quiet)
    silent_ones(quiet, 0, no_track=True)
    quiet.db.set_trace_callback(None)

    plans = [
        row[3]
        for sql in (re.sub(r"--.*", "", said).lstrip() for said in seen)
        if sql.startswith(("SELECT", "WITH"))
        for row in quiet.db.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert plans
    scanned = {line for line in plans if line.startswith("SCAN") and "VIRTUAL TABLE" not in line}
    assert not any("BLOOM" in line for line in plans)
    assert scanned == {
        "SCAN c",
        "SCAN h USING INDEX handoff_one_open", "SCAN handoff USING INDEX handoff_one_open",
    }  # fmt: skip
