"""Where a contact is in a campaign, why, and when they move on. The campaign of a test is its docstring."""

from __future__ import annotations

from nurture_cli.reasons import Verdict
from tests.planner.nursery import DAY, MONDAY, Nursery


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
    assert [one.verdict for one in nursery.explain("ben").assets] == [Verdict.HELD, *[Verdict.UNUSED] * 5]


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
