"""Fit and interest: decay by one column is the sum over events, and what changes a score is noticed."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.funnel import Funnel, Interest
from nurture_cli.language.expression import Burst, Compare, Literal, Measure, MeasureName, Type
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.planner import standing
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, compile_condition
from nurture_cli.planner.fading import EPOCH
from nurture_cli.planner.scores import Scoring, faded
from nurture_cli.planner.tables import make_tables
from nurture_cli.planner.world import load_points
from nurture_cli.records import Contact, Event
from nurture_cli.store.create import scratch
from tests.examples import examples
from tests.planner.nursery import CONFIG, DAY, Nursery
from tests.planner.test_agreement import fill, world_of
from tests.reference.conditions import Facts, Scores, counted, interest
from tests.reference.strategies import NOWHERE, People

YEAR = 365 * DAY
POINTS = {"clicked": 5, "replied": 20, "requested": 1000}
WHO = Contact(id=1, email="c1@example.org", address_hash=b"1" * 16, stage="early", stage_at=0)


@given(
    half_life=st.integers(DAY, 10 * YEAR) | st.sampled_from([DAY, 30 * DAY, 10 * YEAR]),
    # Bunched, so that the limits of a day are met; before the epoch of the column, too.
    happened=st.lists(
        st.tuples(st.sampled_from(sorted(POINTS)), st.integers(-YEAR, 30 * YEAR) | st.integers(0, 2 * DAY)),
        min_size=1,
        max_size=12,
    ),
    worked_out=st.integers(0, 30 * YEAR),
    later=st.integers(0, 30 * YEAR) | st.integers(0, 40 * DAY),
)
@settings(max_examples=examples(150), deadline=None)
def test_decay_by_one_column_is_the_sum_over_events(
    half_life: int, happened: list[tuple[str, int]], worked_out: int, later: int
) -> None:
    """For half-lives from a day to ten years, asked up to thirty years after everything that happened."""
    rules = Interest(half_life, POINTS, dict.fromkeys(POINTS, 2), {})
    funnel = Funnel((), rules)
    events = tuple(Event(n, 1, kind, "", EPOCH + at, "t") for n, (kind, at) in enumerate(happened) if at <= worked_out)
    facts = Facts(WHO, events, everybody=(WHO,), scores=Scores(rules, funnel.grades))
    db = scratch(EPOCH)
    world = world_of(funnel)
    make_tables(db, 0)
    load_points(db, world)
    fill(db, People((WHO,), events, (), (), funnel))
    standing.load_standing(db, world, EPOCH + worked_out)

    at = EPOCH + worked_out + later
    parameters = Parameters(now=at)
    value = faded("s.heat", ":now", Scoring(funnel), parameters)
    found, responses = db.execute(f"SELECT {value}, responses FROM temp.standing s", parameters).fetchone()
    db.close()

    expected = interest(1, facts, at)
    assert isfinite(found)
    assert responses == len(counted(1, facts, at))
    if expected > 1e-6:
        assert found == pytest.approx(expected, rel=1e-6)
    else:
        assert found < 1.1e-6


def test_a_response_of_long_ago_is_still_a_response(nursery: Nursery) -> None:
    """Its interest is less than any number, and its contact no name alone."""
    nursery.write("nurture.yml", CONFIG + "interest: {half_life: 1 day}\n")
    nursery.contact("ann")
    nursery.did("ann", "clicked", ago=9 * YEAR)

    nursery.run()

    assert list(nursery.db.execute("SELECT responses, heat > -1e9 FROM main.standing")) == [(1, 0)]


SALES = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - {stage: middle, when: %s}
  - {stage: late, handoff: sales, back: [{to: early, for: [no-budget]}]}
  - customer
sales: {channel: task, won: customer}
recycling: {no-budget: {interest: reset}}
""",
)


def stages(nursery: Nursery) -> list[str]:
    return [row[0] for row in nursery.db.execute("SELECT stage FROM contact ORDER BY id")]


def test_what_was_reset_counts_as_no_response(nursery: Nursery) -> None:
    """A contact whose interest was reset, and who did nothing since, is once more a name alone."""
    nursery.write("nurture.yml", SALES % "interest >= 5")
    nursery.contact("ann", stage="early")
    nursery.did("ann", "clicked", ago=DAY)
    nursery.did("ann", "visited", ago=DAY)
    nursery.db.execute(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign, closed_at, closed_why)"
        " VALUES (1, ?, 'no-budget', 'reset', 0, '', 0, 'rested')",
        (nursery.at - 600,),
    )
    nursery.run()
    assert list(nursery.db.execute("SELECT responses FROM main.standing")) == [(0,)]
    nursery.did("ann", "visited")
    nursery.run()

    assert list(nursery.db.execute("SELECT responses FROM main.standing")) == [(1,)]


def test_who_comes_to_a_company_warms_its_people(nursery: Nursery) -> None:
    nursery.write("nurture.yml", SALES % "company_interest >= 25")
    nursery.contact("ann", company="Old")
    nursery.contact("bob", company="New")
    nursery.did("ann", "requested")
    nursery.run()
    assert stages(nursery) == ["middle", "early"]
    nursery.change("ann", company="new ")

    nursery.run()

    assert stages(nursery) == ["middle", "middle"]


def test_a_role_that_weighs_more_warms_the_company(nursery: Nursery) -> None:
    nursery.write("nurture.yml", SALES % "company_interest >= 40" + "interest: {roles: {boss: 2}}\n")
    nursery.contact("ann", company="One", role="user")
    nursery.contact("bob", company="One")
    nursery.did("ann", "requested")
    nursery.run()
    assert stages(nursery) == ["early", "early"]
    nursery.change("ann", role="boss")

    nursery.run()

    assert stages(nursery) == ["middle", "middle"]


def test_who_leaves_a_company_cools_its_people(nursery: Nursery) -> None:
    nursery.write("nurture.yml", SALES % 'company_interest < 20 and did("clicked")')
    nursery.contact("ann", company="One")
    nursery.contact("bob", company="One")
    nursery.did("ann", "inquired")
    nursery.did("bob", "clicked")
    nursery.run()
    assert stages(nursery) == ["early", "early"]
    nursery.change("ann", company=None)

    nursery.run()

    assert stages(nursery) == ["early", "middle"]


def test_a_wait_that_was_over_before_the_run_asks_for_the_interest_of_then(nursery: Nursery) -> None:
    """How often runs happen decides nothing.

    stages: {any: [{send: a}, {wait_for: interest >= 25, within: 2 days, then: [{send: b}], else: [{send: c}]}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=5)
    nursery.did("ann", "requested_demo", ago=DAY)  # two days after the wait was over

    assert nursery.run() == ["ann c"]


def test_a_wait_that_was_over_asks_for_the_interest_of_the_company_of_then(nursery: Nursery) -> None:
    nursery.campaign(
        "c",
        "stages: {any: [{send: a}, {wait_for: company_interest >= 25, within: 2 days, then: [{send: b}],"
        " else: [{send: c}]}]}",
    )
    nursery.contact("ann", company="One")
    nursery.contact("bob", company="One")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=5)
    nursery.did("bob", "requested_demo", ago=DAY)

    assert nursery.run() == ["ann c"]


def test_a_wait_for_a_burst_is_not_ended_by_a_response_after_its_time(nursery: Nursery) -> None:
    """Only the response after the wait was over is newer than the entry.

    stages: {any: [{send: a}, {wait_for: 'burst(times=2, within="7 days", after="30 days")', within: 2 days,
      since: entry, then: [{send: b}], else: [{send: c}]}]}
    """
    nursery.contact("ann")
    nursery.did("ann", "visited", ago=80 * DAY)
    nursery.did("ann", "downloaded", ago=DAY)
    nursery.did("ann", "clicked", ago=DAY)
    assert nursery.run() == ["ann a"]
    nursery.pass_time(days=5)
    nursery.did("ann", "clicked", ago=DAY)

    assert nursery.run() == ["ann c"]


def test_a_touch_that_never_went_out_makes_nobody_known(nursery: Nursery) -> None:
    nursery.contact("ann")
    nursery.did("ann", "clicked")
    fill_touch(nursery, "unknown", nursery.at - 90 * DAY)
    condition = Burst(1, 7 * DAY, 30 * DAY, NOWHERE)
    config = nursery.project.config
    assert config is not None
    parameters = Parameters(now=nursery.at)
    sql = compile_condition(condition, Scope(scoring=Scoring(config.funnel)), parameters)

    assert list(nursery.db.execute(f"SELECT {sql} FROM contact c", parameters)) == [(0,)]
    nursery.db.execute("UPDATE touch SET state = 'sent'")
    assert list(nursery.db.execute(f"SELECT {sql} FROM contact c", parameters)) == [(1,)]


def fill_touch(nursery: Nursery, state: str, at: int) -> None:
    nursery.db.execute(
        "INSERT INTO enrollment (id, contact_id, campaign, pass, entered_at, state, arrived_at, anchor_at)"
        " VALUES (1, 1, 'c', 1, 0, 'resting', 0, 0)"
    )
    nursery.db.execute(
        "INSERT INTO touch (key, contact_id, enrollment_id, campaign, step, hop, asset, family, once_scope, channel,"
        " reaches_contact, state, reason, at, due_at, message_id, campaign_hash, asset_hash, body_hash, run_id, digest)"
        " VALUES ('k', 1, 1, 'c', 's', 1, 'a', 'a', '*', 'mail', 1, ?, 'r', ?, 0, 'm', '', '', '', 0, 0)",
        (state, at),
    )


def test_time_may_make_a_grade_greater_as_text() -> None:
    """A1 fades into A2: what is ordered as text rises."""
    grade = Measure(MeasureName.GRADE, NOWHERE)
    assert becomes_true_by_time(Compare(">", grade, Literal("A1", Type.TEXT, NOWHERE), NOWHERE))
