"""The next mail is announced with the final dot of this one: that must never change what is known of either."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nurture_cli.campaign.channels import Tls
from nurture_cli.delivery.messenger import Anticipates, Outcome, Outgoing, Receipt
from nurture_cli.delivery.relay import Relay
from nurture_cli.delivery.session import Session
from nurture_cli.delivery.smtp import SmtpMessenger
from tests.delivery.mails import Gate, mail
from tests.delivery.server import Fault, Server
from tests.delivery.test_smtp import FAULTS, WITHOUT_PIPELINING

A, D, U = Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.UNKNOWN


class Row:
    """Mails in a row, of which the messenger may know the next."""

    def __init__(self, *mails: Outgoing) -> None:
        self.mails = list(mails)
        self.idle = 0

    def following(self) -> Outgoing | None:
        return self.mails[0] if self.mails else None

    def meanwhile(self) -> None:
        self.idle += 1


@contextmanager
def sender_to(server: Server, row: Row) -> Iterator[SmtpMessenger]:
    sender = SmtpMessenger(Relay("127.0.0.1", server.port, tls=Tls.OFF, timeout=5.0), final_patience=5.0)
    assert isinstance(sender, Anticipates)
    sender.anticipate(row)
    try:
        yield sender
    finally:
        sender.close()


def deliver_all(server: Server, *mails: Outgoing) -> list[Receipt]:
    """Each mail in its turn, the next one known."""
    row = Row(*mails)
    receipts = []
    with sender_to(server, row) as sender:
        while row.mails:
            receipts.append(sender.deliver(row.mails.pop(0), Gate()))
    return receipts


def taken(server: Server) -> list[str]:
    return [one.message_id.partition("@")[0] for one in server.accepted]


def test_the_commands_of_the_next_mail_leave_with_the_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[bytes] = []
    send_first = Session.send_first

    def seen(session: Session, first: bytes, then: bytes) -> bool:
        together.append(first + then)
        return send_first(session, first, then)

    monkeypatch.setattr(Session, "send_first", seen)
    with Server() as server:
        receipts = deliver_all(server, mail(1), mail(2), mail(3))

    assert [receipt.outcome for receipt in receipts] == [A, A, A]
    assert (taken(server), server.connections) == (["id-1", "id-2", "id-3"], 1)
    assert [sent.count(b"MAIL FROM:<news@example.org>") for sent in together] == [1, 1, 0]
    assert together[0].startswith(b".\r\nMAIL")
    assert together[0].endswith(b"RCPT TO:<reader2@example.com>\r\nDATA\r\n")


def test_what_comes_next_is_at_hand_before_the_point_of_no_return() -> None:
    asked: list[str] = []

    class Asked(Row):
        def following(self) -> Outgoing | None:
            asked.append("following")
            return super().following()

    def gate() -> bool:
        asked.append("point")
        return True

    row = Asked(mail(1), mail(2))
    with Server() as server, sender_to(server, row) as sender:
        sender.deliver(row.mails.pop(0), gate)

    assert asked == ["following", "point"]


def test_without_pipelining_nothing_is_announced() -> None:
    with Server(offers=WITHOUT_PIPELINING) as server:
        receipts = deliver_all(server, mail(1), mail(2))

    assert [receipt.outcome for receipt in receipts] == [A, A]
    said = [command.partition(" ")[0] for command in server.commands if not command.startswith(("connect", "ehlo"))]
    assert said == ["mail", "rcpt", "data", "body", "dot"] * 2 + ["quit"]


@pytest.mark.parametrize(("phase", "fault", "outcome"), [(row[0], row[1], row[2]) for row in FAULTS])
def test_a_fault_with_the_next_mail_says_nothing_about_this_one(phase: str, fault: Fault, outcome: Outcome) -> None:
    with Server(faults={(phase, 2): fault}) as server:
        receipts = deliver_all(server, mail(1), mail(2), mail(3))

    # A relay that hangs up before a body, as one does that was idle for long, is asked once more.
    again = phase in ("mail", "rcpt", "data") and fault.drop
    first, second, third = (receipt.outcome for receipt in receipts)
    assert (first, third) == (A, A)
    assert second in ({A, outcome} if again else {outcome})
    assert taken(server).count("id-1") == taken(server).count("id-3") == 1
    assert taken(server).count("id-2") == (second is A or fault.accept)


@pytest.mark.parametrize(("phase", "fault", "outcome"), [row[:3] for row in FAULTS if row[0] == "dot"])
def test_an_answer_to_this_mail_says_nothing_about_the_next_one(phase: str, fault: Fault, outcome: Outcome) -> None:
    with Server(faults={(phase, 1): fault}) as server:
        receipts = deliver_all(server, mail(1), mail(2), mail(3))

    assert [receipt.outcome for receipt in receipts] == [outcome, A, A]
    assert taken(server) == (["id-1"] if outcome is A or fault.accept else []) + ["id-2", "id-3"]


def test_a_mail_that_was_announced_and_does_not_come_never_arrives() -> None:
    with Server() as server:
        row = Row(mail(2))
        with sender_to(server, row) as sender:
            sender.deliver(mail(1), Gate())
            row.mails.clear()
            receipt = sender.deliver(mail(3), Gate())
            row.mails.append(mail(5))
            sender.deliver(mail(4), Gate())

    assert receipt.outcome is A
    assert taken(server) == ["id-1", "id-3", "id-4"]
    assert (server.connections, server.commands.count("quit")) == (2, 0), "a QUIT would be a line of the mail"


def test_a_mail_that_was_announced_and_is_withheld_never_arrives() -> None:
    with Server() as server, sender_to(server, Row(mail(2))) as sender:
        sender.deliver(mail(1), Gate())
        gate = Gate(answer=False)
        receipt = sender.deliver(mail(2), gate)

    assert (receipt.outcome, gate.asked, taken(server)) == (D, 1, ["id-1"])


def test_a_mail_that_this_relay_cannot_be_told_of_is_not_announced() -> None:
    with Server(offers=("PIPELINING", "SIZE 100")) as server:
        first, second = deliver_all(server, mail(1), mail(2, data=b"x" * 101))

    assert (first.outcome, second.outcome) == (A, Outcome.REFUSED)
    assert server.commands.count("data") == 1


def test_the_wait_for_an_answer_is_used() -> None:
    with Server() as server:
        row = Row()
        with sender_to(server, row) as sender:
            sender.deliver(mail(1), Gate())
            sender.deliver(mail(2), Gate())

    assert row.idle == 2


class Narrow:
    """A socket that takes some bytes in each go, and breaks after `most`."""

    def __init__(self, sock: socket.socket, most: int, at_once: int) -> None:
        self._sock = sock
        self._most = most
        self._at_once = at_once
        self.gettimeout = sock.gettimeout
        self.settimeout = sock.settimeout
        self.recv = sock.recv
        self.close = sock.close

    def send(self, data: bytes) -> int:
        if self._most == 0:
            raise BrokenPipeError(32, "Broken pipe")
        sent = self._sock.send(data[: min(self._at_once, self._most)])
        self._most -= sent
        return sent

    def sendall(self, data: bytes) -> None:
        while data:
            data = data[self.send(data) :]


@pytest.mark.parametrize(
    ("most", "at_once", "outcome"),
    [(0, 99, D), (1, 99, D), (2, 1, D), (3, 99, U), (3, 1, U), (20, 99, U), (20, 3, U), (99, 7, A)],
)
def test_whether_the_dot_left_decides_however_little_left_of_what_follows_it(
    monkeypatch: pytest.MonkeyPatch, most: int, at_once: int, outcome: Outcome
) -> None:
    send_first = Session.send_first

    def narrowly(session: Session, first: bytes, then: bytes) -> bool:
        wide = session.sock
        assert wide is not None
        session.sock = Narrow(wide, most, at_once)  # type: ignore[assignment]
        try:
            return send_first(session, first, then)
        finally:
            session.sock = wide

    monkeypatch.setattr(Session, "send_first", narrowly)
    with Server(faults={("dot", 1): Fault(drop=True)} if outcome is U else {}) as server:
        row = Row(mail(2))
        with sender_to(server, row) as sender:
            first = sender.deliver(mail(1), Gate())
            row.mails.clear()
            monkeypatch.undo()
            second = sender.deliver(mail(2), Gate())

    assert (first.outcome, second.outcome) == (outcome, A)
    assert taken(server) == (["id-1", "id-2"] if outcome is A else ["id-2"])


def test_a_dot_for_which_there_is_no_room_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    send_first = Session.send_first
    refusals = 0

    class Full(Narrow):
        def send(self, data: memoryview) -> int:
            nonlocal refusals
            if self.gettimeout() == 0:
                refusals += 1
                raise BlockingIOError
            return super().send(data)

    def into_little_room(session: Session, first: bytes, then: bytes) -> bool:
        wide = session.sock
        assert wide is not None
        session.sock = Full(wide, 99, 99)  # type: ignore[assignment]
        try:
            return send_first(session, first, then)
        finally:
            session.sock = wide

    monkeypatch.setattr(Session, "send_first", into_little_room)
    with Server() as server:
        receipts = deliver_all(server, mail(1), mail(2))

    assert [receipt.outcome for receipt in receipts] == [A, A]
    assert refusals == 2


def test_a_dot_that_left_alone_is_answered_on_a_connection_that_is_then_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Session, "send_first", lambda session, first, _then: bool(session.send(first)))
    with Server() as server:
        receipts = deliver_all(server, mail(1), mail(2))

    assert [receipt.outcome for receipt in receipts] == [A, A]
    assert (taken(server), server.connections) == (["id-1", "id-2"], 2)
