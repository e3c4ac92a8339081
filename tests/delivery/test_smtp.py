"""What the SMTP driver makes of a relay that does everything wrong, one thing at a time."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator

import pytest

from nurture_cli.campaign.channels import Tls
from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.relay import Relay
from nurture_cli.delivery.session import Session
from nurture_cli.delivery.smtp import SmtpMessenger, stuffed
from nurture_cli.errors import Busy
from tests.delivery.mails import TEXT, Gate, mail
from tests.delivery.server import Fault, Server

WITHOUT_PIPELINING = ("SIZE 1000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")


@pytest.fixture
def messenger() -> Iterator[Callable[..., SmtpMessenger]]:
    """Makes messengers for a server; they are closed when the test is over."""
    made: list[SmtpMessenger] = []

    def make(server: Server, *, timeout: float = 5.0, final: float = 5.0) -> SmtpMessenger:
        relay = Relay("127.0.0.1", server.port, tls=Tls.OFF, timeout=timeout)
        made.append(SmtpMessenger(relay, final_patience=final))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(params=[True, False], ids=["pipelining", "one by one"])
def offers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What the relay offers: with PIPELINING and without."""
    return (*WITHOUT_PIPELINING, "PIPELINING") if request.param else WITHOUT_PIPELINING


Make = Callable[..., SmtpMessenger]
D, R, U, A = Outcome.DEFERRED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.ACCEPTED

# (phase, what the relay does there) -> (outcome, blame, whether the point of no return was passed)
FAULTS = [
    ("mail", Fault(drop=True), D, Blame.CONNECTION, False),
    ("mail", Fault(b"450 4.7.1 slow down\r\n"), D, Blame.SENDER, False),
    ("mail", Fault(b"550 5.7.1 you are blocked\r\n"), R, Blame.SENDER, False),
    ("mail", Fault(b"nonsense\r\n", drop=True), D, Blame.CONNECTION, False),
    ("mail", Fault(b"250-yes\r\n250-but\r\n", drop=True), D, Blame.CONNECTION, False),
    ("rcpt", Fault(drop=True), D, Blame.CONNECTION, False),
    ("rcpt", Fault(b"450 4.2.0 greylisted\r\n"), D, Blame.MAILBOX, False),
    ("rcpt", Fault(b"550 5.1.1 no such user\r\n"), R, Blame.ADDRESS, False),
    ("rcpt", Fault(b"552 5.2.2 full\r\n"), R, Blame.MAILBOX, False),
    ("rcpt", Fault(b"421 4.3.2 shutting down\r\n", drop=True), D, Blame.CONNECTION, False),
    ("data", Fault(drop=True), D, Blame.CONNECTION, False),
    ("data", Fault(b"451 4.3.0 no room\r\n"), D, Blame.CONNECTION, False),
    ("data", Fault(b"554 5.7.1 no\r\n"), R, Blame.SENDER, False),
    ("dot", Fault(b"451 4.7.0 later\r\n"), D, Blame.SENDER, True),
    ("dot", Fault(b"421 4.3.2 shutting down\r\n", drop=True), D, Blame.CONNECTION, True),
    ("dot", Fault(b"554 5.6.0 bad content\r\n"), R, Blame.MESSAGE, True),
    ("dot", Fault(b"550 5.1.1 no such user\r\n"), R, Blame.ADDRESS, True),
    ("dot", Fault(drop=True, accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(drop=True), U, Blame.CONNECTION, True),
    ("dot", Fault(b"25", drop=True, accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(b"250-not the end\r\n", drop=True, accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(b"gibberish\r\n", accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(b"354 more please\r\n", accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(endless=b"250-and\r\n", accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(endless=b"x" * 4096, accept=True), U, Blame.CONNECTION, True),
    ("dot", Fault(b"250 2.0.0 taken\r\n", drop=True, accept=True), A, Blame.NOBODY, True),
]


@pytest.mark.parametrize(("phase", "fault", "outcome", "blame", "passed"), FAULTS)
def test_each_fault_of_a_relay_gets_its_verdict(
    messenger: Make, offers: tuple[str, ...], phase: str, fault: Fault, outcome: Outcome, blame: Blame, passed: bool
) -> None:
    with Server(faults={(phase, 1): fault}, offers=offers) as server:
        sender, gate = messenger(server), Gate()
        receipt = sender.deliver(mail(), gate)

    assert (receipt.outcome, receipt.blame) == (outcome, blame)
    assert gate.asked == passed
    assert bool(server.accepted) == (outcome is A or fault.accept)


@pytest.mark.parametrize(("phase", "fault"), [(row[0], row[1]) for row in FAULTS])
def test_after_any_fault_the_next_mail_goes_out_without_a_protocol_violation(
    messenger: Make, offers: tuple[str, ...], phase: str, fault: Fault
) -> None:
    with Server(faults={(phase, 2): fault}, offers=offers) as server:
        sender = messenger(server)
        sender.open()
        first = sender.deliver(mail(1), Gate())
        sender.deliver(mail(2), Gate())
        third = sender.deliver(mail(3), Gate())

    assert (first.outcome, third.outcome) == (A, A)
    assert [taken.message_id for taken in server.accepted].count("id-3@example.org") == 1


def test_a_relay_that_stays_silent_after_the_dot_leaves_the_mail_in_doubt(messenger: Make) -> None:
    with Server(faults={("dot", 1): Fault(silent=True, accept=True)}) as server:
        receipt = messenger(server, final=0.05).deliver(mail(), Gate())

    assert (receipt.outcome, receipt.reply) == (U, "no complete reply came in time")


def test_a_reply_that_drips_in_is_not_waited_for_longer_than_the_time_out(messenger: Make) -> None:
    with Server(faults={("rcpt", 1): Fault(endless=b"2")}) as server:
        receipt = messenger(server, timeout=0.2).deliver(mail(), Gate())

    assert (receipt.outcome, receipt.blame) == (D, Blame.CONNECTION)


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot", "rset"])
def test_the_time_out_is_for_a_whole_reply_however_its_lines_drip_in(messenger: Make, phase: str) -> None:
    drip = {"data": b"354-go\r\n"}.get(phase, b"250-and\r\n")
    faults = {(phase, 1): Fault(endless=drip, pause=0.05)}
    if phase == "rset":
        faults["rcpt", 1] = Fault(b"550 5.1.1 no such user\r\n")
    with Server(faults=faults, offers=WITHOUT_PIPELINING) as server:
        sender = messenger(server, timeout=0.3, final=0.3)
        began = time.monotonic()
        receipts = [sender.deliver(mail(number), Gate()) for number in (1, 2)]

    assert [receipt.outcome for receipt in receipts] == [{"dot": U, "rset": R}.get(phase, D), A]
    assert time.monotonic() - began < 3.0


def test_a_relay_that_hangs_up_while_the_body_is_on_its_way_has_not_got_the_mail(messenger: Make) -> None:
    big = mail(data=TEXT % b"id-1@example.org" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200_000)
    with Server(faults={("body", 1): Fault(drop=True)}, offers=("PIPELINING",)) as server:
        gate = Gate()
        receipt = messenger(server).deliver(big, gate)

    assert (receipt.outcome, receipt.blame, gate.asked) == (D, Blame.CONNECTION, 0)
    assert server.accepted == []


@pytest.mark.parametrize(
    ("fault", "outcome", "blame"),
    [
        (Fault(b"552 5.3.4 too much\r\n"), R, Blame.MESSAGE),
        (Fault(b"421 4.3.2 shutting down\r\n", drop=True), D, Blame.CONNECTION),
        (Fault(b"250 2.0.0 taken\r\n"), D, Blame.CONNECTION),
        (Fault(drop=True), D, Blame.CONNECTION),
    ],
)
def test_what_a_relay_says_before_its_turn_is_heard_before_the_point_of_no_return(
    messenger: Make, monkeypatch: pytest.MonkeyPatch, fault: Fault, outcome: Outcome, blame: Blame
) -> None:
    hear = Session.spoke_early

    def hear_for_sure(session: Session) -> bool:
        assert session.sock is not None
        select.select([session.sock], [], [], 5)
        return hear(session)

    monkeypatch.setattr(Session, "spoke_early", hear_for_sure)
    with Server(faults={("body", 1): fault}) as server:
        gate = Gate()
        receipt = messenger(server).deliver(mail(), gate)

    assert (receipt.outcome, receipt.blame, gate.asked) == (outcome, blame, 0)
    assert server.accepted == []


def test_a_mail_that_is_withheld_at_the_last_moment_never_arrives(messenger: Make) -> None:
    with Server() as server:
        sender, gate = messenger(server), Gate(answer=False)
        receipt = sender.deliver(mail(1), gate)
        sender.deliver(mail(2), Gate())

    assert (receipt.outcome, receipt.blame, gate.asked) == (D, Blame.NOBODY, 1)
    assert [taken.message_id for taken in server.accepted] == ["id-2@example.org"]


def test_an_error_at_the_point_of_no_return_abandons_the_mail(messenger: Make) -> None:
    def broken() -> bool:
        raise RuntimeError("the disk is full")

    with Server() as server:
        sender = messenger(server)
        with pytest.raises(RuntimeError):
            sender.deliver(mail(), broken)

    assert server.accepted == []


def test_a_connection_that_the_relay_closed_meanwhile_is_opened_again(messenger: Make) -> None:
    with Server(faults={("mail", 2): Fault(b"421 4.4.2 you were idle\r\n", drop=True)}) as server:
        sender = messenger(server)
        outcomes = [sender.deliver(mail(number), Gate()).outcome for number in (1, 2, 3)]

    assert outcomes == [A, A, A]
    assert server.connections == 2


def test_a_relay_that_always_hangs_up_is_not_tried_for_ever(messenger: Make) -> None:
    with Server(faults={("mail", 0): Fault(drop=True)}) as server:
        sender = messenger(server)
        sender.open()
        receipt = sender.deliver(mail(), Gate())

    assert (receipt.outcome, server.connections) == (D, 2)


def test_mails_of_one_run_share_a_connection(messenger: Make) -> None:
    with Server() as server:
        sender = messenger(server)
        for number in range(5):
            sender.deliver(mail(number), Gate())

    assert (server.connections, len(server.accepted)) == (1, 5)


def test_a_relay_that_is_down_is_busy_when_opened_and_puts_off_when_it_goes_down_later(messenger: Make) -> None:
    with Server() as server:
        sender = messenger(server)
        sender.open()
    receipt = sender.deliver(mail(), Gate())

    assert (receipt.outcome, receipt.blame) == (D, Blame.CONNECTION)
    with pytest.raises(Busy, match=r"cannot be reached"):
        sender.open()


def test_the_mail_arrives_byte_for_byte_whatever_its_lines_begin_with(messenger: Make) -> None:
    body = b"Message-ID: <id-1@example.org>\r\n\r\n.\r\n..\r\n.hidden\r\n\r\n.\r\nend"
    with Server() as server:
        messenger(server).deliver(mail(data=body), Gate())

    assert server.accepted[0].data == body + b"\r\n"


@pytest.mark.parametrize(
    ("data", "wire"),
    [
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n"),
        (b"a\r.\r\nb", b"a\r\n..\r\nb\r\n"),
        (b"a\r\r\n.\r\nb\r", b"a\r\n\r\n..\r\nb\r\n"),
        (b".", b"..\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_bare_line_ends_cannot_smuggle_an_end_of_mail(data: bytes, wire: bytes) -> None:
    assert stuffed(data) == wire


def test_eight_bits_and_foreign_letters_are_announced_where_they_are_needed_only(messenger: Make) -> None:
    with Server() as server:
        sender = messenger(server)
        sender.deliver(mail(1), Gate())
        sender.deliver(mail(2, data="Subject: x\r\n\r\nGrüße\r\n".encode()), Gate())
        sender.deliver(mail(3, recipient="jürgen@example.com"), Gate())

    plain, eight, foreign = (taken.parameters.split() for taken in server.accepted)
    assert [word for word in plain if not word.startswith("SIZE=")] == []
    assert "BODY=8BITMIME" in eight
    assert "SMTPUTF8" not in eight
    assert "SMTPUTF8" in foreign
    assert server.accepted[2].recipient == "jürgen@example.com"


@pytest.mark.parametrize(
    ("changes", "offers", "blame"),
    [
        ({"recipient": "jürgen@example.com"}, (), Blame.MAILBOX),
        ({"data": b"\r\n\xff\r\n"}, (), Blame.MESSAGE),
        ({"data": b"x" * 101}, ("SIZE 100",), Blame.MESSAGE),
        ({"recipient": "a@b>\r\nRCPT TO:<evil@example.net"}, (), Blame.MAILBOX),
        ({"recipient": "a@b> NOTIFY=NEVER"}, (), Blame.MAILBOX),
        ({"recipient": ""}, (), Blame.MAILBOX),
        ({"sender": "a@b\r\nX"}, (), Blame.SENDER),
    ],
)
def test_what_this_relay_cannot_be_told_is_refused_without_a_word_to_it(
    messenger: Make, changes: dict[str, object], offers: tuple[str, ...], blame: Blame
) -> None:
    with Server(offers=offers) as server:
        receipt = messenger(server).deliver(mail(**changes), Gate())

    assert (receipt.outcome, receipt.blame) == (R, blame)
    assert not [command for command in server.commands if command.startswith(("mail", "rcpt"))]


def test_the_words_of_the_relay_are_kept_without_control_sequences_and_without_the_address(messenger: Make) -> None:
    said = b"550-5.1.1 \x1b[31mno \x07such\r\n550 5.1.1 user Reader1@example.com \xe2\x80\xae\xff\r\n"
    with Server(faults={("rcpt", 1): Fault(said)}) as server:
        receipt = messenger(server).deliver(mail(), Gate())

    assert receipt.reply == "5.1.1 [31mno such 5.1.1 user <recipient> \ufffd"
    assert (receipt.code, receipt.enhanced) == (550, "5.1.1")
