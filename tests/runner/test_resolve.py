"""A human decides about touches in doubt and touches that failed."""

from __future__ import annotations

import pytest

from nurture_cli.errors import WrongUsage
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.store.database import writing
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, DAY, House

STEPS = ("send: a", "wait: 1 day", "send: b")
IN_DOUBT = {("dot", 1): Fault(drop=True, accept=True)}


def decide(house: House, key: str, resolution: Resolution, at: int) -> None:
    with house.opened() as db:
        resolve(db, key, resolution, at)


@pytest.fixture
def doubtful(house: House) -> House:
    """One contact whose first touch is in doubt since AT."""
    with Server(faults=IN_DOUBT) as sink:
        house.build(sink.port, contacts=1, steps=STEPS)
        report = house.run()
    assert (report.exit_code, report.done.unknown) == (4, 1)
    return house


def standing(house: House) -> tuple[str, int, str | None, int, int | None]:
    """State, step done, hold, anchor and next look of the one enrollment."""
    (row,) = house.ask("SELECT state, step_done, held_reason, anchor_at, wake_at FROM enrollment")
    return row  # type: ignore[no-any-return]


def test_a_touch_in_doubt_holds_its_contact_for_three_days(doubtful: House) -> None:
    assert standing(doubtful) == ("held", 0, "in-doubt", AT, AT + 3 * DAY)
    assert doubtful.ask("SELECT state, at, attempts, reason FROM touch") == [
        ("unknown", AT, 1, "handed over, but no answer came: the other side closed the connection")
    ]


def test_as_sent_the_contact_goes_on_from_when_it_was_handed_over(doubtful: House) -> None:
    decide(doubtful, "c/1/1/1", Resolution.SENT, AT + DAY)

    assert standing(doubtful) == ("moving", 1, None, AT, AT)
    assert doubtful.ask("SELECT state, at, reason FROM touch") == [("sent", AT, "resolved by hand: it was sent")]
    with Server() as sink:
        doubtful.write("nurture.yml", _with_port(doubtful, sink.port))
        assert doubtful.run(AT + DAY).done.sent == 1
    assert doubtful.ask("SELECT asset FROM touch WHERE state = 'sent' ORDER BY id") == ["a", "b"]


def test_as_failed_the_contact_goes_on_from_now(doubtful: House) -> None:
    decide(doubtful, "c/1/1/1", Resolution.FAILED, AT + DAY)

    assert standing(doubtful) == ("moving", 1, None, AT + DAY, AT + DAY)
    assert doubtful.states() == {1: "failed"}


def test_as_resend_the_contact_is_due_again(doubtful: House) -> None:
    decide(doubtful, "c/1/1/1", Resolution.RESEND, AT + DAY)

    assert standing(doubtful)[:3] == ("moving", 0, None)
    assert doubtful.ask("SELECT state, body_hash IS NOT NULL FROM touch") == [("planned", 1)]


def test_a_touch_that_failed_and_waits_is_given_up_or_tried_again(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2, steps=STEPS)
    house.write_asset("a", body="{{ contact.last_name }}")
    house.run()
    decide(house, "c/1/1/1", Resolution.FAILED, AT + 60)
    decide(house, "c/1/2/1", Resolution.RESEND, AT + 60)

    assert house.states() == {1: "skipped", 2: "planned"}
    rows = house.ask("SELECT state, step_done, held_reason FROM enrollment ORDER BY contact_id")
    assert rows == [("moving", 1, None), ("moving", 0, None)]


def test_a_touch_in_doubt_of_somebody_who_has_left_is_resolved_without_calling_them_back(doubtful: House) -> None:
    with doubtful.opened() as db, writing(db):
        db.execute(
            "UPDATE enrollment SET state = 'ended', ended_at = ?, end_reason = 'exit', held_reason = NULL,"
            " held_since = NULL, held_until = NULL, wake_at = NULL",
            (AT,),
        )
    decide(doubtful, "c/1/1/1", Resolution.SENT, AT + DAY)

    assert doubtful.states() == {1: "sent"}
    assert standing(doubtful) == ("ended", 0, None, AT, None)


@pytest.mark.parametrize("resolution", list(Resolution))
def test_what_is_not_open_cannot_be_resolved(house: House, sink: Server, resolution: Resolution) -> None:
    house.build(sink.port, contacts=1)
    house.run()

    with pytest.raises(WrongUsage, match=r"Touch c/1/1/1 is sent; there is nothing to resolve"):
        decide(house, "c/1/1/1", resolution, AT)
    with pytest.raises(WrongUsage, match=r"There is no touch nonsense"):
        decide(house, "nonsense", resolution, AT)


@pytest.mark.parametrize("resolution", [Resolution.FAILED, Resolution.RESEND])
def test_a_failure_that_its_contact_has_left_behind_is_not_resolved(house: House, resolution: Resolution) -> None:
    with Server(faults={("rcpt", 0): Fault(b"552 5.2.2 full\r\n")}) as sink:
        house.build(sink.port, contacts=1, steps=STEPS)
        house.run()

    with pytest.raises(WrongUsage, match=r"has failed, and its contact has moved on since"):
        decide(house, "c/1/1/1", resolution, AT)


def test_a_request_in_doubt_waits_and_is_closed_when_resolved(house: House) -> None:
    with Server(faults=IN_DOUBT) as sink:
        house.build(sink.port, contacts=1, steps=("wait: 300 days",))
        with house.opened() as db, writing(db):
            db.execute(
                "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
                " VALUES (1, 'requested', 'b', ?, ?, 't', 'wish')",
                (AT - 60, AT - 60),
            )
        house.run()

    question = "SELECT state, held_reason, wake_at, closed_at FROM request"
    assert house.ask(question) == [("open", "in-doubt", AT + 3 * DAY, None)]
    decide(house, "request/1", Resolution.RESEND, AT + 60)
    assert house.ask(question) == [("open", None, AT + 60, None)]
    with Server() as again:
        house.write("nurture.yml", _with_port(house, again.port))
        house.run(AT + 60)
    assert house.ask(question) == [("sent", None, None, AT + 60)]


def _with_port(house: House, port: int) -> str:
    text = (house.folder / "nurture.yml").read_text()
    head, _, rest = text.partition("port: ")
    return f"{head}port: {port},{rest.partition(',')[2]}"
