"""What each step does, day by day. The campaign of a test is its docstring."""

from __future__ import annotations

import json

from tests.planner.nursery import DAY, HOUR, MONDAY, Nursery


def test_waits_count_from_the_real_send(nursery: Nursery) -> None:
    """A send that comes late moves what follows it.

    stages:
      any:
        - send: a
        - wait: 3 days
        - send: b
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.pass_time(days=2)  # nobody ran

    assert nursery.days(6) == [(2, "ann a"), (5, "ann b")]


def test_consecutive_waits_add_up_to_the_minute(nursery: Nursery) -> None:
    """A wait begins where the one before it ended, not when a run noticed.

    stages:
      any:
        - wait: 12h
        - wait: 36h
        - send: a
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(hours=47)

    assert nursery.run() == []

    nursery.pass_time(hours=1)

    assert nursery.run() == ["ann a"]


def test_a_wait_for_is_decided_by_what_comes_first(nursery: Nursery) -> None:
    """Who clicks goes one way, who does not goes the other way when the time is up.

    stages:
      any:
        - send: a
        - wait_for: clicked("a")
          within: 5 days
          then: [{send: b}]
          else: [{send: c}]
        - wait: 1 day
        - send: d
    """
    for name in ("ann", "bob"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=2)
    nursery.did("ann", "clicked", "a")

    assert nursery.days(6) == [(2, "ann b"), (3, "ann d"), (5, "bob c"), (6, "bob d")]
    facts = nursery.db.execute("SELECT outcome, facts FROM decision WHERE kind = 'wait_for' ORDER BY id").fetchall()
    assert facts == [("met", '{"did(\\"clicked\\", \\"a\\")":1}'), ("time-out", '{"did(\\"clicked\\", \\"a\\")":0}')]


def test_an_event_before_the_time_out_counts_even_when_noticed_after_it(nursery: Nursery) -> None:
    """Order in which events and runs arrive does not matter, only when things happened.

    stages:
      any:
        - send: a
        - wait_for: clicked("a")
          within: 5 days
          then: [{send: b}]
          else: [{send: c}]
    """
    for name in ("early", "late"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=9)
    nursery.did("early", "clicked", "a", ago=5 * DAY)
    nursery.did("late", "clicked", "a", ago=3 * DAY)

    assert nursery.run() == ["early b", "late c"]


def test_a_machines_click_moves_nobody(nursery: Nursery) -> None:
    """Judged a machine's, it counts for nothing; when the verdict changes, it counts.

    stages:
      any:
        - send: a
        - wait_for: clicked("a")
          within: forever
          then: [{send: b}]
          else: []
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(hours=1)
    nursery.did("ann", "clicked", "a", machine=True)

    assert nursery.run() == []

    nursery.db.execute("UPDATE event SET machine = 0")

    assert nursery.run() == ["ann b"]


def test_a_stream_falls_through_to_the_next_item_in_the_same_turn(nursery: Nursery) -> None:
    """Expired, filtered and received items yield at once; when all are sent the contact waits for more.

    stages:
      any:
        - stream: [a, b, {send: c, if: tag("vip")}, d, e]
          every: 2 business days
    """
    nursery.write_asset("b", expires="2026-03-01")
    nursery.write_asset("d", roles="[buyer]")
    nursery.contact("ann", role="user")
    nursery.did("ann")
    nursery.db.execute("UPDATE contact SET stage = 'early'")

    assert nursery.days(8) == [(0, "ann a"), (2, "ann e")]
    assert nursery.explain("ann").places[0].state == "exhausted"

    nursery.campaign("c", "stages: {any: [{stream: [a, b, d, e, f], every: 2 business days}]}")

    assert nursery.run() == ["ann f"]


def test_a_stream_with_nothing_left_goes_on_in_the_run_in_which_another_campaign_changes_the_contact(
    nursery: Nursery,
) -> None:
    """The role decides who gets the second item, a tag who gets the third.

    stages: {any: [{stream: [a, b, {send: d, if: tag("hot")}], every: 1 day}]}
    """
    nursery.write_asset("b", roles="[buyer]")
    nursery.campaign("role", "stages: {any: [{set: {role: buyer}}]}", enter='{when: did("clicked"), backfill: true}')
    nursery.campaign("tag", "stages: {any: [{set: {tag: hot}}]}", enter='{when: did("replied"), backfill: true}')
    nursery.contact("ann", role="user")
    nursery.did("ann")
    assert nursery.days(3) == [(0, "ann a")]

    nursery.did("ann", "clicked")
    assert nursery.run() == ["ann b"]

    nursery.pass_time(days=1)
    nursery.did("ann", "replied")
    assert nursery.run() == ["ann d"]


def test_a_campaign_that_waits_sees_at_once_what_a_step_of_another_one_changes(nursery: Nursery) -> None:
    """It is on its way through early, and not due.

    stages: {early: [{wait: 9 days}, {send: a}], late: [{send: b}]}
    """
    nursery.campaign("mover", "stages: {any: [{wait: 1 day}, {stage: late}]}")
    nursery.contact("ann")
    nursery.did("ann")

    assert nursery.days(2) == [(1, "ann b")]


def test_a_stream_ends_when_until_holds(nursery: Nursery) -> None:
    """The contact goes on with what follows.

    stages:
      any:
        - stream: [a, b, c]
          every: 2 days
          until: clicked("d")
        - send: e
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(2)
    nursery.did("ann", "clicked", "d")

    assert sent + nursery.days(4) == [(0, "ann a"), (2, "ann e")]


def test_a_branch_is_decided_once_and_remembers_why(nursery: Nursery) -> None:
    """Later facts do not move anybody to the other arm.

    stages:
      any:
        - branch:
            - if: role == "buyer"
              then: [{send: a}, {wait: 1 day}, {send: b}]
            - if: employees > 100
              then: [{send: c}]
            - else: [{send: d}]
    """
    nursery.contact("ann", role="buyer")
    nursery.contact("bob", fields={"employees": 250})
    nursery.contact("cy")
    for name in ("ann", "bob", "cy"):
        nursery.did(name)
    first = nursery.run()
    nursery.change("ann", role="user")
    nursery.pass_time(days=1)

    assert first == ["ann a", "bob c", "cy d"]
    assert nursery.run() == ["ann b"]
    decided = "SELECT outcome, facts FROM decision WHERE kind = 'branch' ORDER BY enrollment_id"
    rows = nursery.db.execute(decided).fetchall()
    assert [(outcome, json.loads(facts)) for outcome, facts in rows] == [
        ("1", {"role": "buyer", "employees": None}),
        ("2", {"role": None, "employees": 250}),
        ("else", {"role": None, "employees": None}),
    ]


def test_a_side_track_comes_back_to_the_main_path(nursery: Nursery) -> None:
    """Whoever veers off at a reads b and c and then goes on with d like everybody else (row A10).

    stages:
      any:
        - send: a
        - wait_for: clicked("a")
          within: 2 days
          then:
            - send: b
            - wait: 1 day
            - send: c
            - wait: 1 day
          else: []
        - send: d
    """
    for name in ("ann", "bob"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=1)
    nursery.did("ann", "clicked", "a")

    assert nursery.days(4) == [(1, "ann b"), (2, "ann c"), (2, "bob d"), (3, "ann d")]


def test_an_arm_of_a_split_is_kept_when_the_weights_change(nursery: Nursery) -> None:
    """Assignment is a stable hash, stored the first time, and near the weights.

    stages:
      any:
        - split:
            name: opening
            arms:
              plain: {weight: 1, then: [{send: a}]}
              bold: {weight: 1, then: [{send: b}]}
    """
    for number in range(400):
        nursery.contact(f"p{number}")
        nursery.did(f"p{number}")
    nursery.run()
    arms = dict(nursery.db.execute("SELECT contact_id, arm FROM assignment").fetchall())
    nursery.campaign(
        "d",
        "stages: {any: [{split: {name: opening, arms: {plain: {weight: 1, then: [{send: c}]},"
        " bold: {weight: 99, then: [{send: d}]}}}}]}",
    )
    nursery.pass_time(days=1)
    nursery.run()

    assert 160 < sum(arm == "plain" for arm in arms.values()) < 240
    assert dict(nursery.db.execute("SELECT contact_id, arm FROM assignment").fetchall()) == arms
    sent = nursery.db.execute("SELECT contact_id, asset FROM touch WHERE campaign = 'd'").fetchall()
    assert {cid: {"c": "plain", "d": "bold"}[asset] for cid, asset in sent} == arms


def test_set_changes_facts_that_later_steps_see(nursery: Nursery) -> None:
    """Fields of every type, tags on and off.

    stages:
      any:
        - set: {role: champion, employees: 7, beta: true, tag: [hot, seen], untag: cold}
        - branch:
            - if: role == "champion" and employees == 7 and beta and tag("hot") and not tag("cold")
              then: [{send: a}]
            - else: [{send: b}]
    """
    nursery.contact("ann")
    nursery.db.execute("INSERT INTO contact_tag VALUES (?, 'cold')", (nursery.id_of("ann"),))
    nursery.did("ann")

    assert nursery.run() == ["ann a"]
    assert nursery.db.execute("SELECT tag FROM contact_tag ORDER BY tag").fetchall() == [("hot",), ("seen",)]
    assert nursery.db.execute("SELECT role, fields FROM contact").fetchone() == (
        "champion",
        '{"employees":7,"beta":true}',
    )


def test_a_goto_jumps_within_the_sequence(nursery: Nursery) -> None:
    """A loop with a wait goes round; received assets are passed by at once.

    stages:
      any:
        - send: a
        - id: pause
          wait: 2 days
        - branch:
            - if: clicked("a")
              then: [{send: b}, {exit: done}]
            - else: [{goto: pause}]
    """
    nursery.contact("ann")
    nursery.did("ann")
    quiet = nursery.days(5)
    nursery.did("ann", "clicked", "a")

    assert quiet + nursery.days(4) == [(0, "ann a"), (6, "ann b")]
    # The step after a send is taken by the next run.
    assert nursery.db.execute("SELECT state, end_reason FROM enrollment").fetchall() == [("ended", "step: done")]


def test_a_loop_without_a_wait_is_stopped(nursery: Nursery) -> None:
    """`check` refuses such a file; the planner ends all the same.

    stages:
      any:
        - id: again
          wait_for: did("downloaded")
          within: 1 day
          then: []
          else: []
        - goto: again
    """
    nursery.contact("ann")
    nursery.did("ann")

    assert nursery.run() == []
    assert nursery.held() == ["ann  loop"]


def test_the_stage_picks_the_sequence_and_coming_back_goes_on(nursery: Nursery) -> None:
    """A stage change moves at once; a stage without a sequence rests.

    stages:
      early: [{send: a}, {wait: 1 day}, {send: b}, {wait: 1 day}, {send: c}]
      middle: [{send: d}, {wait: 1 day}, {send: e}]
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(1)
    nursery.change("ann", stage="middle")
    sent += nursery.days(1)
    nursery.change("ann", stage="late")
    sent += nursery.days(2)
    resting = nursery.explain("ann").places[0]
    nursery.change("ann", stage="early")
    sent += nursery.days(5)

    assert sent == [(0, "ann a"), (1, "ann d"), (5, "ann b"), (6, "ann c")]
    assert (resting.state, resting.frees) == ("resting", "when their stage is one of: early, middle")


def test_a_rule_jumps_ahead_on_evidence_and_fires_once(nursery: Nursery) -> None:
    """The first match in file order wins; nobody is pulled back (row A11).

    rules:
      - if: did("requested_demo")
        stage: late
      - if: did("visited")
        stage: middle
    stages:
      early: [{send: a}, {wait: 30 days}, {send: b}]
      middle: [{send: c}]
      late: [{send: d}, {wait: 1 day}, {send: e}]
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(1)
    nursery.did("ann", "requested_demo")
    nursery.did("ann", "visited")
    sent += nursery.days(3)

    assert sent == [(0, "ann a"), (1, "ann d"), (2, "ann e")]
    nursery.change("ann", stage="middle")  # a human takes her back: the old demo request does not fire again
    assert nursery.days(2) == [(4, "ann c")]
    nursery.did("ann", "requested_demo")
    nursery.run()
    assert nursery.db.execute("SELECT stage FROM contact").fetchone() == ("late",)


def test_a_stage_step_moves_forward_only(nursery: Nursery) -> None:
    """Who is further stays there.

    stages:
      any: [{stage: middle}, {send: a}]
    """
    nursery.contact("ann")
    nursery.contact("bob", stage="customer")
    for name in ("ann", "bob"):
        nursery.did(name)

    assert nursery.run() == ["ann a", "bob a"]
    assert nursery.db.execute("SELECT stage FROM contact ORDER BY id").fetchall() == [("middle",), ("customer",)]
    assert nursery.db.execute("SELECT from_stage, to_stage, cause FROM stage_move").fetchall() == [
        ("early", "middle", "c/any/stage-first")
    ]


def test_a_purchase_ends_the_nurture_from_anywhere(nursery: Nursery) -> None:
    """Exit and goal are looked at in every run, in the middle of a long wait too.

    exit: {when: stage == "customer"}
    goal: {when: did("purchased")}
    stages:
      any: [{send: a}, {wait: 300 days}, {send: b}]
    """
    for name in ("ann", "bob", "cy"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=1)
    nursery.did("ann", "purchased")
    nursery.change("bob", stage="customer")
    nursery.run()

    assert nursery.db.execute("SELECT end_reason FROM enrollment ORDER BY contact_id").fetchall() == [
        ("goal",),
        ("exit",),
        (None,),
    ]


def test_calendar_days_keep_the_wall_clock_and_hours_do_not(nursery: Nursery) -> None:
    """The clocks go forward in Berlin on 29 March 2026.

    stages:
      early: [{wait: 1 day}, {send: a}]
      middle: [{wait: 24h}, {send: a}]
    """
    nursery.at = MONDAY + 26 * DAY  # Saturday, 28 March, 09:00
    nursery.contact("ann")
    nursery.contact("bob", stage="middle")
    for name in ("ann", "bob"):
        nursery.did(name)
    nursery.run()
    wakes = dict(nursery.db.execute("SELECT contact_id, wake_at FROM enrollment").fetchall())

    assert wakes == {1: nursery.at + 23 * HOUR, 2: nursery.at + 24 * HOUR}
