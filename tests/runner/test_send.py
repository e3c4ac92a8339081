"""What becomes of touches when a relay, a contact or a template is not as one would like."""

from __future__ import annotations

import re
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.delivery import smtp
from nurture_cli.errors import Busy, Findings, Misconfigured, Refused
from nurture_cli.runner import context, send
from nurture_cli.runner.open_channel import TOO_MANY
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.runner.run import Orders, Report, run
from nurture_cli.store.database import open_writer, writing
from nurture_cli.store.suppressions import suppress, take_back_run
from tests.delivery.endpoint import Endpoint
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, DAY, HOUR, House


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses take no time in tests; they are written down."""
    pauses: list[float] = []
    monkeypatch.setattr("nurture_cli.runner.signals.Stop.wait", lambda self, seconds: pauses.append(seconds))
    return pauses


def refusing(which: int, words: bytes, phase: str = "rcpt") -> Server:
    """A relay that says `words` at `phase` for contact `which` (0: for everybody)."""

    def decide(at: str, argument: str) -> Fault | None:
        return Fault(words) if at == phase and (not which or f"<c{which}@" in argument) else None

    return Server(decide=decide)


def arrived(house: House, sink: Server) -> Counter[int]:
    """How often each contact got a mail."""
    return house.written_to(mail.message_id for mail in sink.accepted)


def places(house: House) -> dict[int, tuple[str, int, str | None]]:
    """State, whether the step is done, and the hold of each contact's enrollment."""
    rows = house.ask("SELECT contact_id, state, step_done, held_reason FROM enrollment")
    return {row[0]: row[1:] for row in rows}


def test_what_is_sent_lets_the_contact_go_on_from_that_instant(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=1, steps=("send: a", "wait: 1 day", "send: b"))
    report = house.run()

    assert (report.done.sent, report.exit_code) == (1, 0)
    assert house.ask("SELECT state, step_done, anchor_at, wake_at, hop FROM enrollment") == [("moving", 1, AT, AT, 1)]
    assert house.ask("SELECT state, at, code, attempts, reason FROM touch") == [
        ("sent", AT, 250, 1, "its turn in c: early/a")
    ]


def test_a_stream_moves_one_turn_on(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=1, steps=("{stream: [a, b, c], every: 1 day}",))
    house.run()
    assert house.ask("SELECT state, step_done, hop, items_sent, wake_at FROM enrollment") == [("moving", 0, 2, 1, AT)]

    for day in (1, 2, 3):
        house.run(AT + day * DAY)
    assert house.ask("SELECT asset FROM touch WHERE state = 'sent' ORDER BY id") == ["a", "b", "c"]


def test_a_dead_address_is_suppressed_and_its_contact_goes_on(house: House) -> None:
    with refusing(2, b"550 5.1.1 no such user\r\n") as sink:
        house.build(sink.port)
        report = house.run()
        again = house.run(AT + 60)

    assert (report.done.sent, report.done.failed, report.exit_code) == (5, 1, 1)
    assert house.states()[2] == "failed"
    assert places(house)[2][:2] == ("exhausted", 1)
    (row,) = house.ask("SELECT reason, source FROM suppression")
    assert row[0] == "hard-bounce"
    assert "550 5.1.1" in row[1]
    assert "people.example" not in row[1]
    assert (again.done.sent, again.done.failed) == (0, 0)


@pytest.mark.parametrize("connections", [1, 4])
def test_a_relay_that_refuses_everybody_is_stopped_and_its_suppressions_are_taken_back(
    house: House, connections: int
) -> None:
    broken = [True]

    def decide(at: str, _: str) -> Fault | None:
        return Fault(b"550 5.1.1 no such user\r\n") if broken and at == "rcpt" else None

    with Server(decide=decide) as sink:
        house.build(sink.port, contacts=60, connections=connections)
        first, second = house.run(), house.run(AT + 60)
        given_up = house.ask("SELECT count(*) FROM suppression WHERE lifted_at IS NULL")[0]
        with house.opened() as db, writing(db):
            lifted = take_back_run(db, 1, why="not their fault", at=AT + 90)
            again = take_back_run(db, 1, why="not their fault", at=AT + 90)
        broken.clear()
        house.run(AT + 8 * HOUR)

        assert len(arrived(house, sink)) == 60 - given_up
    assert 0 < given_up < TOO_MANY
    assert (lifted, again) == (given_up, 0)
    assert house.ask("SELECT count(*) FROM suppression WHERE lifted_at IS NULL") == [0]
    for report in (first, second):
        assert report.exit_code == 1
        assert report.done.sent == 0
    assert "refused 10 of the last 10 contacts for good, so the run stopped it" in first.done.ended
    hint = first.done.closed["mail"].hint
    assert hint is not None
    assert "nurture suppress remove --run 1" in hint


@pytest.mark.parametrize("words", [b"552 5.2.2 full\r\n", b"550 no such user\r\n", b"554 5.6.0 odd\r\n"])
def test_one_refused_recipient_stops_nobody_else_and_suppresses_nobody(house: House, words: bytes) -> None:
    with refusing(2, words) as sink:
        house.build(sink.port)
        for run in range(3):
            house.run(AT + run * 60)

        assert arrived(house, sink) == dict.fromkeys((1, 3, 4, 5, 6), 1)
    assert house.states()[2] == "failed"
    assert house.ask("SELECT * FROM suppression") == []


def test_a_relay_that_says_later_is_tried_again_later_and_later(house: House, no_pauses: list[float]) -> None:
    with refusing(2, b"450 4.2.0 greylisted\r\n") as sink:
        house.build(sink.port)
        report = house.run()
        assert report.done.deferred == 1
        first = house.ask("SELECT state, attempts, next_try_at - at FROM touch WHERE contact_id = 2")[0]
        assert places(house)[2] == ("held", 0, "deferred")
        assert house.run(AT + 60).done.deferred == 0, "not before its time"
        house.run(AT + 10 * 60)
        second = house.ask("SELECT state, attempts, next_try_at - at FROM touch WHERE contact_id = 2")[0]

    assert first[:2] == ("planned", 1)
    assert 225 <= first[2] <= 375
    assert second[:2] == ("planned", 2)
    assert 450 <= second[2] <= 750
    assert no_pauses == [], "one slow mailbox does not slow the others down"
    with Server(port=sink.port) as sink:
        house.run(AT + HOUR)
        assert house.states()[2] == "sent"
    message_ids = house.ask("SELECT count(DISTINCT message_id) FROM touch WHERE contact_id = 2")
    assert message_ids == [1]


def test_after_five_days_of_later_it_has_failed_and_the_contact_goes_on(house: House) -> None:
    with refusing(2, b"450 4.2.2 full\r\n") as sink:
        house.build(sink.port, contacts=2)
        clock, runs = AT, 0
        while house.states().get(2) != "failed":
            house.run(clock)
            clock += 2 * HOUR
            runs += 1

    assert 5 * DAY <= clock - AT <= 6 * DAY
    assert house.ask("SELECT reason FROM touch WHERE state = 'failed'")[0].startswith(
        "not accepted in 5 days; the last answer: 450"
    )
    assert places(house)[2][:2] == ("moving", 1)


def test_a_relay_that_refuses_the_sender_ends_the_run_and_gives_up_nobody(house: House) -> None:
    with refusing(0, b"550 5.7.1 you are blocked\r\n", "mail") as sink:
        house.build(sink.port)
        report = house.run()

    assert isinstance(report.done.closed["mail"], Findings)
    assert "failed 3 times in a row" in report.done.ended
    assert (report.exit_code, report.done.deferred, report.done.failed) == (1, 3, 0)
    assert Counter(house.states().values()) == {"planned": 6}
    assert house.ask("SELECT * FROM suppression") == []
    with Server(port=sink.port) as sink:
        assert house.run(AT + HOUR).done.sent == 6


def test_a_relay_that_goes_down_ends_the_run_as_busy_and_the_next_one_goes_on(house: House) -> None:
    with Server(decide=lambda phase, _: Fault(b"421 4.3.2 bye\r\n", drop=True) if phase == "rcpt" else None) as sink:
        house.build(sink.port)
        report = house.run()

    assert isinstance(report.done.closed["mail"], Busy)
    assert (report.exit_code, report.done.deferred) == (75, 3)
    with Server(port=sink.port) as sink:
        assert house.run(AT + HOUR).done.sent == 6
        assert max(arrived(house, sink).values()) == 1


def test_failures_that_are_not_in_a_row_do_not_end_a_run(house: House) -> None:
    failing = {("rcpt", n): Fault(b"451 4.7.1 later\r\n") for n in (1, 2, 4, 5, 7, 8)}
    with Server(faults=failing) as sink:
        house.build(sink.port, contacts=9)
        report = house.run()

    assert (report.done.sent, report.done.deferred, report.done.closed) == (3, 6, {})


def test_throttling_slows_the_channel_down_and_everybody_is_reached_in_the_end(
    house: House, no_pauses: list[float]
) -> None:
    failing = {("rcpt", n): Fault(b"450 4.7.1 slow down\r\n") for n in (1, 2, 4)}
    with Server(faults=failing) as sink:
        house.build(sink.port, contacts=8)
        first = house.run()
        second = house.run(AT + HOUR)

        assert arrived(house, sink) == dict.fromkeys(range(1, 9), 1)
    assert (first.done.sent, first.done.deferred, second.done.sent) == (5, 3, 3)
    assert no_pauses[:4] == [0.5, 1.0, 0.9, 1.8]


def test_nothing_is_claimed_when_the_relay_is_down(house: House, no_pauses: list[float]) -> None:
    with Server() as sink:
        pass
    house.build(sink.port)
    report = house.run()

    assert report.exit_code == 75
    assert house.states() == {}
    assert no_pauses == list(send.OPENING_PAUSES)


def test_nothing_is_claimed_when_the_password_is_wrong(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "canary")
    with Server(users={"me": "other"}) as sink:
        house.build(
            sink.port,
            mail=f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off', user: me, password_env: PW}}",
        )
        report = house.run()

    assert isinstance(report.done.closed["mail"], Misconfigured)
    assert (report.exit_code, house.states()) == (78, {})
    assert "canary" not in (house.folder / "nurture.db").read_bytes().decode("latin-1")


def test_a_channel_that_is_down_stops_only_itself(house: House) -> None:
    with Server() as sink:
        pass
    house.build(sink.port, contacts=2, steps=("send: a", "send: b"))
    house.write_asset("a", channel="task")
    report = house.run()
    after = house.run(AT + 60)

    assert (report.done.sent, report.exit_code) == (2, 0)
    assert (after.done.sent, after.exit_code) == (0, 75)


def test_somebody_who_unsubscribes_between_two_mails_gets_none(house: House) -> None:
    def unsubscribe(phase: str, argument: str) -> Fault | None:
        if phase == "dot" and not told:
            told.append(argument)
            db = open_writer(house.database)
            with writing(db):
                suppress(db, hashes[3], reason="unsubscribed", source="test", at=AT)
            db.close()
        return None

    told: list[str] = []
    with Server(decide=unsubscribe) as sink:
        house.build(sink.port)
        hashes = dict(house.ask("SELECT id, address_hash FROM contact"))
        report = house.run()
        again = house.run(AT + 60)

        assert arrived(house, sink) == dict.fromkeys((1, 2, 4, 5, 6), 1)
    assert (report.done.held, report.done.sent) == (1, 5)
    assert (house.states()[3], places(house)[3]) == ("planned", ("held", 0, "suppressed"))
    assert again.done.sent == 0


def test_an_import_gets_its_turn_between_two_mails(house: House) -> None:
    waits: list[float] = []

    def write(phase: str, _: str) -> Fault | None:
        if phase == "dot":
            db = open_writer(house.database)
            with writing(db, wait=1):
                db.execute("INSERT INTO contact_tag VALUES (1, 'tag' || (SELECT count(*) FROM contact_tag))")
            db.close()
            waits.append(1)
        return None

    with Server(decide=write) as sink:
        house.build(sink.port)
        assert house.run().done.sent == 6

    assert len(waits) == 6


def test_a_template_that_fails_for_one_contact_fails_that_touch_alone(house: House, sink: Server) -> None:
    house.build(sink.port)
    house.write_asset("a", body="Dear {{ contact.last_name }}")
    with house.opened() as db, writing(db):
        db.execute("UPDATE contact SET last_name = 'Lee' WHERE id <> 3")
    report = house.run()

    assert (report.done.sent, report.done.failed, report.exit_code) == (5, 1, 1)
    assert (house.states()[3], places(house)[3]) == ("failed", ("held", 0, "failed"))
    assert house.run(AT + 60).done.failed == 0, "it waits"
    house.write_asset("a", body="Dear {{ contact.last_name | default('reader') }}")
    assert house.run(AT + 120).done.sent == 1
    assert arrived(house, sink) == dict.fromkeys(range(1, 7), 1)


def test_a_fault_of_our_own_in_one_message_stops_nobody_else(
    house: House, sink: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuffed = smtp.stuffed

    def stumble(data: bytes) -> bytes:
        if b"c3@people.example" in data:
            raise KeyError("oops")
        return stuffed(data)

    monkeypatch.setattr(smtp, "stuffed", stumble)
    house.build(sink.port)
    report = house.run()

    assert (report.done.sent, report.done.failed) == (5, 1)
    assert places(house)[3] == ("held", 0, "failed")
    assert arrived(house, sink) == dict.fromkeys((1, 2, 4, 5, 6), 1)


def test_a_text_that_changed_since_an_attempt_in_doubt_is_not_sent_as_the_same(house: House, sink: Server) -> None:
    with Server(faults={("dot", 1): Fault(drop=True)}) as broken:
        house.build(broken.port, contacts=1)
        assert house.run().exit_code == 4
    house.write("nurture.yml", (house.folder / "nurture.yml").read_text().replace(str(broken.port), str(sink.port)))
    decide(house, Resolution.RESEND)
    house.write_asset("a", body="Another text.")
    report = house.run(AT + 60)

    assert (report.done.failed, sink.accepted) == (1, [])
    assert places(house)[1] == ("held", 0, "failed")
    assert house.ask("SELECT reason FROM touch")[0].startswith(
        "the text has changed since the attempt that may have arrived"
    )
    decide(house, Resolution.RESEND)
    assert house.run(AT + 120).done.sent == 1
    assert b"Another text." in sink.accepted[0].data


def test_a_resend_by_hand_is_the_same_mail(house: House, sink: Server) -> None:
    with Server(faults={("dot", 1): Fault(drop=True, accept=True)}) as broken:
        house.build(broken.port, contacts=1)
        house.run()
    house.write("nurture.yml", (house.folder / "nurture.yml").read_text().replace(str(broken.port), str(sink.port)))
    decide(house, Resolution.RESEND)
    house.run(AT + 60)

    assert house.states() == {1: "sent"}
    assert broken.accepted[0].message_id == sink.accepted[0].message_id


def test_a_resend_on_a_later_day_prints_the_day_of_the_attempt_that_may_have_arrived(
    house: House, sink: Server
) -> None:
    with Server(faults={("dot", 1): Fault(drop=True, accept=True)}) as broken:
        house.build(broken.port, contacts=1)
        house.write_asset("a", body="The news of {{ today }}.")
        house.run()
    house.write("nurture.yml", (house.folder / "nurture.yml").read_text().replace(str(broken.port), str(sink.port)))
    decide(house, Resolution.RESEND)
    report = house.run(AT + DAY)

    assert (report.done.failed, house.states()) == (0, {1: "sent"})
    assert undated(broken) == undated(sink)


def test_the_day_is_kept_over_several_attempts(house: House, sink: Server) -> None:
    with Server(faults={("dot", 0): Fault(drop=True, accept=True)}) as broken:
        house.build(broken.port, contacts=1)
        house.write_asset("a", body="The news of {{ today }}.")
        house.run()
        for days in (1, 2):
            decide(house, Resolution.RESEND)
            assert house.run(AT + days * DAY).done.unknown == 1

    assert len(broken.accepted) == 3
    assert len({undated(broken, number) for number in range(3)}) == 1


def test_a_mail_that_never_arrived_prints_the_day_on_which_it_leaves(house: House, sink: Server) -> None:
    with Server(faults={("rcpt", 1): Fault(b"450 4.2.0 later\r\n")}) as server:
        house.build(server.port, contacts=1)
        house.write_asset("a", body="The news of {{ today }}.")
        house.run()
        house.run(AT + DAY)

    day = datetime.fromtimestamp(AT + DAY, UTC).date().isoformat().encode()
    assert b"The news of " + day in server.accepted[0].data


def undated(server: Server, number: int = 0) -> bytes:
    """A mail that a server took, without its Date."""
    return re.sub(rb"(?m)^Date: .*$", b"", server.accepted[number].data)


def decide(house: House, resolution: Resolution) -> None:
    """A human resolves the touch of contact 1."""
    with house.opened() as db:
        resolve(db, "c/1/1/1", resolution, AT + 30)


def test_the_hourly_limit_is_looked_at_again_when_claiming(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=5)
    text = (house.folder / "nurture.yml").read_text()
    house.write("nurture.yml", text.replace("timeout: 10}", "timeout: 10, hourly: 2}"))
    sent = [house.run(AT + minute * 60).done.sent for minute in range(0, 181, 10)]

    assert sent[0] == 2
    assert sent[1:6] == [0] * 5
    assert sum(sent) == 5


@pytest.mark.parametrize("share_below", [0.0, 1e9])
def test_a_second_run_let_in_by_a_deleted_lock_file_makes_no_duplicates(
    house: House, monkeypatch: pytest.MonkeyPatch, share_below: float
) -> None:
    def let_in(phase: str, _: str) -> Fault | None:
        if phase == "dot" and not reports:
            reports.append(None)
            (house.folder / "nurture.db.run").unlink()
            reports[0] = house.run(AT + 60)
        return None

    makes = context.RunContext
    monkeypatch.setattr(context, "RunContext", lambda **facts: makes(**facts, share_below=share_below))
    reports: list[Report | None] = []
    with Server(decide=let_in) as sink:
        house.build(sink.port)
        first = house.run()
        house.run(AT + 120)

        assert arrived(house, sink) == dict.fromkeys(range(1, 7), 1)
    assert isinstance(first.done.stopped_by, Refused)
    assert "is not as this run left it" in first.done.stopped_by.sentence
    assert reports[0] is not None
    assert reports[0].done.sent == 5
    assert Counter(house.states().values()) == {"sent": 5, "unknown": 1}


@pytest.mark.parametrize("point", ["before_claim", "after_claim"])
def test_nobody_is_written_to_after_the_end_of_consent(house: House, sink: Server, point: str) -> None:
    """Consent ends while the run is on, and nothing changes about the contact."""
    house.build(sink.port, contacts=3)
    with house.opened() as db, writing(db):
        db.execute("UPDATE contact SET consent_until = ? WHERE id = 2", (AT + 60,))
    report = run_past(house, point, AT, AT + 60)

    assert (report.done.sent, report.done.held, report.exit_code) == (2, 1, 0)
    assert arrived(house, sink) == {1: 1, 3: 1}
    house.run(AT + 120)
    assert places(house)[2] == ("held", 0, "consent-ended")


@pytest.mark.parametrize("point", ["before_claim", "after_claim"])
def test_nothing_is_sent_after_its_last_day(house: House, sink: Server, point: str) -> None:
    """The asset expires while the run is on; the next run passes by its step."""
    house.build(sink.port, contacts=2, steps=("send: a", "send: b"))
    house.write_asset("a", expires="2026-03-03")
    report = run_past(house, point, AT + 14 * HOUR - 60, AT + 14 * HOUR)

    assert (report.done.sent, report.done.held, report.exit_code) == (0, 2, 0)
    house.run(AT + 14 * HOUR + 60)
    assert house.ask("SELECT contact_id, asset FROM touch WHERE state = 'sent' ORDER BY 1") == [(1, "b"), (2, "b")]


def run_past(house: House, point: str, at: int, later: int) -> Report:
    """A run that begins at one instant, and for which it is another one from the first `point` on."""
    clock = SteppingClock(at)

    def leap(passed: str) -> None:
        if passed == point:
            clock.at = later

    return run(house.project, house.database, clock, Orders(crash_point=leap))


def test_several_connections_share_the_work(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=60, connections=4)
    report = house.run()

    assert report.done.sent == 60
    assert sink.connections == 4
    assert max(arrived(house, sink).values()) == 1


def test_fewer_connections_than_wanted_do(house: House) -> None:
    refused = {("connect", n): Fault(b"421 4.7.0 too many connections\r\n", drop=True) for n in (2, 3)}
    with Server(faults=refused) as sink:
        house.build(sink.port, contacts=20, connections=3)
        report = house.run()

    assert (report.done.sent, report.exit_code) == (20, 0)


def test_tasks_are_made_in_the_same_breath_as_their_touches(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2)
    house.write_asset("a", body="Call {{ contact.first_name }}.\n\nAsk about the budget.", channel="task")
    report = house.run()

    assert report.done.sent == 2
    tasks = house.ask("SELECT contact_id, title, body, made_at FROM task ORDER BY 1")
    assert tasks[0] == (1, "About a", "Call Ann.\n\nAsk about the budget.", AT)
    assert len(tasks) == 2
    assert sink.accepted == []


def test_mails_to_a_folder_are_files(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=3)
    house.write_asset("a", channel="files")
    house.run()

    assert len(list((house.folder / "files").glob("*.eml"))) == 3


def test_a_webhook_that_gave_no_answer_is_told_the_same_again_under_the_same_key(house: House, sink: Server) -> None:
    with Endpoint(answer=None) as endpoint:
        house.build(sink.port, contacts=1, hook=endpoint.port)
        house.write_asset("a", channel="hook")
        first = house.run()
        assert (first.done.deferred, first.exit_code, house.states()) == (1, 0, {1: "planned"})
        assert house.ask("SELECT body_hash IS NOT NULL FROM touch") == [1]
        endpoint.answer = b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"
        second = house.run(AT + HOUR)

    assert (second.done.sent, house.states()) == (1, {1: "sent"})
    before, after = endpoint.told
    assert before == after
    for request, at in zip(endpoint.requests, (AT, AT + HOUR), strict=True):
        assert f"webhook-timestamp: {at}\r\n".encode() in request


def test_a_webhook_in_doubt_is_told_the_same_on_a_later_day(house: House, sink: Server) -> None:
    with Endpoint(answer=None) as endpoint:
        house.build(sink.port, contacts=1, hook=endpoint.port)
        house.write_asset("a", body="The news of {{ today }}.", channel="hook")
        house.run()
        endpoint.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        second = house.run(AT + DAY)

    assert second.done.sent == 1
    before, after = endpoint.told
    assert before == after


def test_a_webhook_in_doubt_is_not_told_something_else_under_the_same_key(house: House, sink: Server) -> None:
    with Endpoint(answer=None) as endpoint:
        house.build(sink.port, contacts=1, hook=endpoint.port)
        house.write_asset("a", channel="hook")
        house.run()
        house.write_asset("a", body="Another text.", channel="hook")
        report = house.run(AT + HOUR)

    assert (report.done.failed, len(endpoint.requests)) == (1, 1)
    assert places(house)[1] == ("held", 0, "failed")


def test_a_run_in_another_thread_works_without_signals(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2)
    reports = []
    thread = threading.Thread(target=lambda: reports.append(house.run()))
    thread.start()
    thread.join()

    assert reports[0].done.sent == 2


def test_the_counts_end_up_in_the_record_of_the_run(house: House) -> None:
    with refusing(2, b"550 5.1.1 no such user\r\n") as sink:
        house.build(sink.port)
        house.run()

    assert house.ask("SELECT due, sent, failed, deferred, unknown, ended FROM run") == [(6, 5, 1, 0, 0, "done")]


def test_no_secret_and_no_open_file_is_left_behind(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port)
    house.run()

    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.name.startswith("nurture.")}
    assert {name: mode for name, mode in modes.items() if mode and name != "nurture.yml"} == {}


def test_who_writes_while_a_long_run_is_on_neither_waits_nor_stops_it(house: House, sink: Server) -> None:
    """More than one batch of claims: what comes next must be read without holding on to the past."""
    house.build(sink.port, contacts=2 * send.CLAIMS + 10)
    log = house.database.with_name(house.database.name + "-wal")
    sizes: list[int] = []

    def write(point: str) -> None:
        if point == "after_250":
            with house.opened() as db, writing(db):
                db.execute("UPDATE contact SET first_name = first_name || 'a' WHERE id = 1")
                sizes.append(log.stat().st_size)

    report = house.run(crash_point=write)

    assert (report.done.sent, report.exit_code, report.done.ended) == (2 * send.CLAIMS + 10, 0, "done")
    assert arrived(house, sink) == dict.fromkeys(range(1, 2 * send.CLAIMS + 11), 1)
    assert sizes[-1] == max(sizes) < 6_000_000  # it is begun anew, when what it holds is in the database
