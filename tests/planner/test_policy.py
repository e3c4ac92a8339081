"""What holds a touch back, and until when. The campaign of a test is its docstring."""

from __future__ import annotations

import pytest

from nurture_cli.planner.plan import Held
from tests.planner.nursery import CONFIG, DAY, HOUR, MONDAY, Nursery


def one_held(nursery: Nursery) -> Held:
    (held,) = nursery.plan().held()
    return held


def with_settings(nursery: Nursery, old: str, new: str) -> None:
    assert old in CONFIG
    nursery.write("nurture.yml", CONFIG.replace(old, new))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"consent": "unknown"}, "no-consent"),
        ({"consent": "withdrawn"}, "no-consent"),
        ({"consent_basis": None}, "no-consent"),
        ({"consent_source": None}, "no-consent"),
        ({"consent": "implied", "consent_until": MONDAY}, "consent-ended"),
    ],
)
def test_no_mail_without_a_recorded_basis(nursery: Nursery, facts: dict[str, object], reason: str) -> None:
    """Consent, basis and source must be there, and not have run out.

    stages: {any: [{send: a}]}
    """
    nursery.contact("ann", **facts)
    nursery.did("ann")

    assert nursery.run() == []
    assert nursery.held() == [f"ann a {reason}"]
    nursery.change("ann", consent="express", consent_basis="form", consent_source="site", consent_until=None)
    assert nursery.run() == ["ann a"]


def test_a_suppressed_address_is_held_and_a_lifted_one_goes_on(nursery: Nursery) -> None:
    """A hundred runs leave no trace beyond the first.

    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.db.execute(
        "INSERT INTO suppression (address_hash, reason, source, at)"
        " SELECT address_hash, 'unsubscribed', 'test', 1 FROM contact"
    )
    nursery.run()
    rows = nursery.db.execute("SELECT * FROM enrollment").fetchall()
    for _ in range(100):
        nursery.pass_time(hours=1)
        nursery.run()

    assert nursery.db.execute("SELECT * FROM enrollment").fetchall() == rows
    assert nursery.held() == ["ann a suppressed"]
    nursery.db.execute("UPDATE suppression SET lifted_at = 2, lifted_why = 'asked'")
    assert nursery.run() == ["ann a"]


def test_who_unsubscribes_or_complains_is_not_written_to_again(nursery: Nursery) -> None:
    """The event alone does it, a machine's too: a scanner that leaves for somebody is honoured.

    stages: {any: [{send: a}, {wait: 1 day}, {send: b}]}
    """
    for name in ("ann", "ben", "cy", "dee"):
        nursery.contact(name)
        nursery.did(name)
    sent = nursery.days(1)
    nursery.did("ann", "unsubscribed", "a")
    nursery.did("ben", "complained")
    nursery.did("cy", "unsubscribed", machine=True)
    nursery.did("cy", "complained")

    assert sent + nursery.days(3) == [(0, "ann a"), (0, "ben a"), (0, "cy a"), (0, "dee a"), (1, "dee b")]
    reasons = "SELECT reason FROM suppression WHERE lifted_at IS NULL ORDER BY id"
    assert nursery.db.execute(reasons).fetchall() == [("unsubscribed",), ("complaint",), ("complaint",)]


def test_a_window_holds_until_it_opens_in_the_contacts_zone(nursery: Nursery) -> None:
    """The send moves; the next wait counts from the send.

    pace: {window: "Mon-Fri 09:00-17:00"}
    stages: {any: [{send: a}, {wait: 12h}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.contact("ben", zone="America/Chicago")
    for name in ("ann", "ben"):
        nursery.did(name)

    assert nursery.run() == ["ann a"]
    assert one_held(nursery).until == MONDAY + 7 * HOUR  # 09:00 in Chicago
    nursery.pass_time(hours=7)
    assert nursery.run() == ["ben a"]
    nursery.pass_time(hours=5)
    nursery.run()  # ann's wait is over at 21:00 in Berlin
    assert one_held(nursery).until == MONDAY + DAY


def test_a_cap_defers_over_all_campaigns_and_priority_decides(nursery: Nursery) -> None:
    """Three campaigns, two touches in a week: the order of survivors is fixed (pains C11).

    priority: 10
    stages: {any: [{send: a}]}
    """
    with_settings(nursery, '["10 per day"]', '["1 per day", "2 per week"]')
    nursery.campaign("urgent", "stages: {any: [{send: b}]}", priority="90")
    nursery.campaign("middling", "stages: {any: [{send: c}]}", priority="50")
    nursery.contact("ann")
    nursery.did("ann")
    first = nursery.run()
    turns = sorted(nursery.held())
    nursery.pass_time(hours=1)
    nursery.run()
    capped = {(held.campaign, held.reason, held.until) for held in nursery.plan().held()}
    nursery.pass_time(hours=23)

    assert first == ["ann b"]
    assert turns == ["ann a cap", "ann c cap"]
    assert capped == {("c", "cap", MONDAY + DAY), ("middling", "cap", MONDAY + DAY)}
    assert nursery.run() == ["ann c"]
    assert nursery.days(8) == [(7, "ann a")]


def test_a_gap_keeps_touches_of_one_campaign_apart(nursery: Nursery) -> None:
    """Two sends in a row wait for each other.

    pace: {gap: 3 days}
    stages: {any: [{send: a}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")

    assert nursery.days(5) == [(0, "ann a"), (3, "ann b")]


def test_one_touch_a_contact_a_run_after_an_outage(nursery: Nursery) -> None:
    """Three weekly steps missed are not three mails (pains B1).

    stages: {any: [{send: a}, {wait: 7 days}, {send: b}, {wait: 7 days}, {send: c}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=21)

    assert nursery.run() == ["ann b"]
    assert nursery.run() == []
    assert nursery.days(8) == [(28, "ann c")]


def test_a_missed_send_is_skipped_when_the_file_says_so(nursery: Nursery) -> None:
    """The schedule goes on as if it had been sent.

    pace: {if_late: skip}
    stages: {any: [{send: a}, {wait: 7 days}, {send: b}, {wait: 7 days}, {send: c}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=10)
    sent = nursery.days(6)

    assert sent == [(14, "ann c")]
    assert nursery.db.execute("SELECT step, outcome FROM decision WHERE kind = 'skipped'").fetchall() == [
        ("any/b", "late")
    ]


def test_a_missed_send_shifts_to_its_own_time_of_day(nursery: Nursery) -> None:
    """What was meant for nine in the morning does not go out at midnight.

    pace: {if_late: shift}
    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=4, hours=14)

    assert nursery.run() == []
    held = one_held(nursery)
    assert (held.reason, held.until) == ("late", MONDAY + 5 * DAY)
    nursery.pass_time(hours=10)
    assert nursery.run() == ["ann b"]


def test_a_send_that_was_moved_is_not_sent_earlier_because_something_happens(nursery: Nursery) -> None:
    """Looked at again before its hour, it stays where it is; in its very hour it goes out.

    pace: {if_late: shift}
    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    for name in ("ann", "ben"):
        nursery.contact(name)
        nursery.did(name)
    nursery.run()
    nursery.pass_time(days=4, hours=14)
    nursery.run()
    nursery.did("ann", "visited")

    assert nursery.run() == []
    assert sorted(nursery.held()) == ["ann b late", "ben b late"]
    nursery.pass_time(hours=10)
    assert nursery.run() == ["ann b", "ben b"]


def test_a_missed_send_whose_usual_hour_has_just_come_goes_out(nursery: Nursery) -> None:
    """There is nothing to move.

    pace: {if_late: shift}
    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(days=4)

    assert nursery.run() == ["ann b"]


def test_being_held_by_a_cap_is_not_being_late(nursery: Nursery) -> None:
    """What we kept back ourselves is sent when it is free.

    pace: {if_late: skip}
    stages: {any: [{send: a}, {send: b}]}
    """
    with_settings(nursery, '["10 per day"]', '["1 per week"]')
    nursery.contact("ann")
    nursery.did("ann")

    assert nursery.days(9) == [(0, "ann a"), (7, "ann b")]


def test_a_paused_campaign_sends_nothing_and_loses_nothing(nursery: Nursery) -> None:
    """Waits run on; what is due goes out when the pause is over.

    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    sent = nursery.days(1)
    nursery.campaign("c", "paused: true\nstages: {any: [{send: a}, {wait: 2 days}, {send: b}]}")
    sent += nursery.days(3)
    held = nursery.held()
    nursery.campaign("c", "stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}")
    sent += nursery.days(1)

    assert held == ["ann b paused"]
    assert sent == [(0, "ann a"), (4, "ann b")]


def test_a_channel_limit_is_shared_by_priority_and_longest_wait(nursery: Nursery) -> None:
    """Twenty short runs in an hour never exceed it (pains H3).

    stages: {any: [{send: a}]}
    """
    with_settings(nursery, "mail: {type: outbox}", "mail: {type: outbox, hourly: 3, daily: 5}")
    for number in range(9):
        nursery.contact(f"p{number}")
        nursery.did(f"p{number}", ago=1000 - number)
    counts = []
    for _ in range(20):
        counts.append(len(nursery.run()))
        nursery.at += 240

    assert counts == [3, *[0] * 14, 2, *[0] * 4]
    assert {held.reason for held in nursery.plan().held()} == {"channel-limit"}


def test_a_ramp_limits_the_first_days(nursery: Nursery) -> None:
    """A new sender warms up.

    stages: {any: [{send: a}]}
    """
    with_settings(nursery, "mail: {type: outbox}", "mail: {type: outbox, ramp: [1, 2], daily: 4}")
    for number in range(9):
        nursery.contact(f"p{number}")
        nursery.did(f"p{number}")

    assert [len([1 for d, _ in nursery.days(1)]) for _ in range(4)] == [1, 2, 4, 2]


def test_a_request_goes_first_once_and_the_way_goes_on(nursery: Nursery) -> None:
    """During a wait, outside the window, of somebody in no campaign: asked for is next (pull).

    pace: {window: "Mon-Fri 09:00-17:00"}
    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    for name in ("ann", "ben"):
        nursery.contact(name)
    nursery.did("ann")
    nursery.run()
    nursery.pass_time(hours=10)  # 19:00
    nursery.did("ann", "requested", "c")
    nursery.did("ben", "requested", "c")
    nursery.did("ann", "requested", "a")

    assert nursery.run() == ["ann c", "ben c"]
    assert nursery.db.execute("SELECT asset, state, closed_why FROM request ORDER BY id").fetchall() == [
        ("c", "sent", "sent"),
        ("c", "sent", "sent"),
        ("a", "received", "before"),
    ]
    nursery.pass_time(hours=-10)
    assert nursery.days(3) == [(2, "ann b")]


def test_a_request_waits_for_consent_and_the_cap(nursery: Nursery) -> None:
    """Nothing is lost, and a request for what is not there is closed with a reason."""
    with_settings(nursery, '["10 per day"]', '["1 per day"]')
    nursery.contact("ann")
    nursery.contact("ben", consent="unknown")
    for asset in ("a", "b", "nothing"):
        nursery.did("ann", "requested", asset)
    nursery.did("ben", "requested", "a")

    assert nursery.run() == ["ann a"]
    assert sorted(nursery.held()) == ["ann b cap", "ben a no-consent"]
    assert nursery.db.execute("SELECT state, closed_why FROM request WHERE asset = 'nothing'").fetchall() == [
        ("refused", "no such asset")
    ]
    nursery.change("ben", consent="express")
    nursery.pass_time(days=1)
    assert nursery.run() == ["ann b", "ben a"]


def test_tasks_ask_no_consent_and_take_no_turn(nursery: Nursery) -> None:
    """A to-do for the marketer is no touch that reaches the contact.

    stages: {any: [{send: call}, {send: a}]}
    """
    nursery.write_asset("call", channel="task")
    nursery.campaign("other", "stages: {any: [{send: b}]}")
    nursery.contact("ann", consent="unknown")
    nursery.contact("ben")
    for name in ("ann", "ben"):
        nursery.did(name)

    assert nursery.run() == ["ann call", "ben call", "ben b"]
