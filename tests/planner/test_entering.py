"""Who comes in, when, and how often. The campaign of a test is its docstring."""

from __future__ import annotations

from tests.planner.nursery import DAY, Nursery

ONE = "stages: {any: [{send: a}]}"


def test_back_fill_lets_in_who_matched_before(nursery: Nursery) -> None:
    """The whole list enters at the first run.

    enter: {when: did("downloaded"), backfill: true}
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann", ago=100 * DAY)

    assert nursery.plan().counts.entering == 1
    assert nursery.run() == ["ann a"]


def test_without_back_fill_only_something_new_lets_in(nursery: Nursery) -> None:
    """Who matched before the first run comes in by a newer event, or by ceasing to match and matching again.

    enter: {when: did("downloaded") or role == "buyer", backfill: false}
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.contact("bob", role="buyer")
    nursery.contact("cy")
    first = nursery.plan().counts

    assert (first.entering, first.passed_over) == (0, {"c": 2})
    assert nursery.run() == []
    nursery.pass_time(days=1)
    nursery.contact("dee", role="buyer")
    nursery.change("bob", company="Bricks")  # still matches, as before
    nursery.did("cy")
    assert nursery.run() == ["cy a", "dee a"]
    nursery.pass_time(days=1)
    nursery.did("ann")
    nursery.change("bob", role="user")
    assert nursery.run() == ["ann a"]
    nursery.pass_time(days=1)
    nursery.change("bob", role="buyer")
    assert nursery.run() == ["bob a"]


def test_an_edited_entry_rule_counts_as_new(nursery: Nursery) -> None:
    """Who matches only because the file was edited is back-fill.

    enter: {when: did("downloaded"), backfill: false}
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann", "visited")
    nursery.run()
    nursery.campaign("c", ONE, enter='{when: did("downloaded") or did("visited"), backfill: false}')

    assert nursery.plan().counts.passed_over == {"c": 1}
    assert nursery.run() == []


def test_exit_and_goal_bar_the_entry(nursery: Nursery) -> None:
    """A contact who is there already does not come in; `explain` says why.

    exit: {when: stage == "customer"}
    goal: {when: did("purchased")}
    stages: {any: [{send: a}]}
    """
    for name, stage in (("ann", "customer"), ("bob", "early"), ("cy", "early")):
        nursery.contact(name, stage=stage)
        nursery.did(name)
    nursery.did("bob", "purchased")

    assert nursery.run() == ["cy a"]
    assert nursery.explain("ann").places[0].why == "matches, but the exit condition already holds"
    assert nursery.explain("bob").places[0].why == "matches, but the goal condition already holds"
    nursery.change("ann", stage="late")
    assert nursery.run() == ["ann a"]


def test_the_entry_condition_is_looked_at_once(nursery: Nursery) -> None:
    """Leaving needs an exit; no longer matching is none (pains C4).

    enter: {when: role == "buyer", backfill: true}
    stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}
    """
    nursery.contact("ann", role="buyer")
    sent = nursery.days(1)
    nursery.change("ann", role="user")

    assert sent + nursery.days(2) == [(0, "ann a"), (1, "ann b")]


def test_never_again_is_the_default(nursery: Nursery) -> None:
    """One pass, whatever happens later.

    stages: {any: [{send: a}, {exit: done}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.days(2)
    nursery.did("ann")

    assert nursery.days(2) == []
    assert nursery.db.execute("SELECT pass, end_reason FROM enrollment").fetchall() == [(1, "step: done")]


def test_always_again_needs_a_newer_event(nursery: Nursery) -> None:
    """What brought somebody in once does not bring them in again.

    enter: {when: did("downloaded"), backfill: true, again: always}
    once: pass
    stages: {any: [{send: a}, {exit: done}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(4)
    nursery.did("ann")
    nursery.did("ann")
    sent += nursery.days(3)

    assert sent == [(0, "ann a"), (4, "ann a")]


def test_again_after_a_time_needs_no_event_but_the_time(nursery: Nursery) -> None:
    """A yearly letter to everybody in a segment.

    enter: {when: stage == "customer", backfill: true, again: every 5 days}
    once: pass
    stages: {any: [{send: a}, {exit: done}]}
    """
    nursery.contact("ann", stage="customer")

    assert nursery.days(12) == [(0, "ann a"), (5, "ann a"), (10, "ann a")]


def test_nobody_is_inside_a_campaign_twice(nursery: Nursery) -> None:
    """While a pass is on, nothing starts another.

    enter: {when: did("downloaded"), backfill: true, again: always}
    once: no
    stages: {any: [{send: a}, {wait: 10 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(3)
    nursery.did("ann")

    assert sent + nursery.days(5) == [(0, "ann a")]


def test_silence_lets_in_by_time_alone(nursery: Nursery) -> None:
    """A condition that time makes true is asked of everybody in every run.

    enter:
      when: did("visited") and not did("visited", within="5d")
      backfill: true
    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann", "visited")

    assert nursery.days(7) == [(5, "ann a")]


def test_two_campaigns_never_send_the_same_asset(nursery: Nursery) -> None:
    """Variants count as one asset; the campaign that matters more sends it, the other counts it as received.

    priority: 60
    stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}
    """
    nursery.write_asset("b2", variant_of="b")
    nursery.campaign("other", "stages: {any: [{send: a}, {wait: 1 day}, {send: b2}, {send: c}]}", priority="10")
    nursery.contact("ann")
    nursery.did("ann")

    assert nursery.days(4) == [(0, "ann a"), (1, "ann b"), (2, "ann c")]


def test_an_exhausted_contact_goes_on_when_content_is_appended(nursery: Nursery) -> None:
    """New steps at the end reach those who have everything; a step put before their place does not.

    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.days(2)
    nursery.campaign("c", "stages: {any: [{send: c}, {send: a}, {wait: 2 days}, {send: b}]}")

    assert nursery.days(2) == [(2, "ann b")]  # the wait began when a was sent


def test_a_contact_at_a_removed_step_is_stranded_until_it_is_mapped(nursery: Nursery) -> None:
    """Renaming a step needs `moved:`; the plan names who stands where.

    stages: {any: [{send: a}, {id: rest, wait: 2 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.days(2)
    nursery.campaign("c", "stages: {any: [{send: a}, {id: pause, wait: 2 days}, {send: b}]}")
    plan = nursery.plan()

    assert plan.counts.stranded == {"c: any/rest": 1}
    assert nursery.held() == ["ann  stranded"]
    renamed = "stages: {any: [{send: a}, {id: pause, wait: 2 days}, {send: b}]}"
    nursery.campaign("c", f"moved: {{any/rest: any/pause}}\n{renamed}")
    assert nursery.days(1) == [(2, "ann b")]


def test_a_shortened_wait_releases_and_a_longer_one_keeps(nursery: Nursery) -> None:
    """An edited wait counts from where it began.

    stages: {any: [{send: a}, {wait: 9 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.days(3)
    nursery.campaign("c", "stages: {any: [{send: a}, {wait: 12 days}, {send: b}]}")
    nursery.days(7)
    nursery.campaign("c", "stages: {any: [{send: a}, {wait: 11 days}, {send: b}]}")

    assert nursery.days(3) == [(11, "ann b")]


def test_who_did_it_again_while_inside_comes_in_again_in_the_run_after_it_left(nursery: Nursery) -> None:
    """Nothing else is new about the contact in that run.

    enter: {when: did("downloaded"), backfill: true, again: always}
    exit: {when: 'did("clicked", within="2h")'}
    once: pass
    stages: {any: [{send: a}, {wait: 30 days}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    assert nursery.run() == ["ann a"]
    nursery.pass_time(days=1)
    nursery.did("ann")
    nursery.did("ann", "clicked")
    assert nursery.run() == []
    nursery.pass_time(hours=3)

    assert nursery.run() == ["ann a"]
