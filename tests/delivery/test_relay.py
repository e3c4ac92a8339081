"""Connecting: never in the clear, never a login before the certificate holds, and a sentence for every trouble."""

from __future__ import annotations

import shutil
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nurture_cli.campaign.channels import Tls
from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.redaction import encoded
from nurture_cli.delivery.relay import Relay, connect
from nurture_cli.delivery.smtp import SmtpMessenger
from nurture_cli.errors import Busy, Misconfigured, NurtureError
from tests.delivery.mails import Gate, mail
from tests.delivery.server import Fault, Server, server_context

SECRET = "pässword-canary"

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for this machine, and the file that makes clients trust it."""
    folder = tmp_path_factory.mktemp("trusted")
    return server_context(folder, "IP:127.0.0.1"), folder / "cert.pem"


def relay(server: Server, tls: str = "off", user: str | None = None, timeout: float = 5.0) -> Relay:
    return Relay("127.0.0.1", server.port, tls=Tls(tls), user=user, timeout=timeout)


def never() -> str:
    raise AssertionError("the password was asked for")


@needs_openssl
@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 LOGIN"])
def test_an_encrypted_login_with_a_certificate_that_holds_lets_mail_through(
    trusted: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch, tls: str, mechanisms: str
) -> None:
    context, file = trusted
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    contexts = {"starttls": context} if tls == "starttls" else {"tls": context}
    with Server(users={"jürgen": SECRET}, mechanisms=mechanisms, **contexts) as server:  # type: ignore[arg-type]
        sender = SmtpMessenger(relay(server, tls, "jürgen"), lambda: SECRET)
        sender.open()
        receipts = [sender.deliver(mail(number), Gate()) for number in (1, 2)]
        sender.close()

    assert [receipt.outcome for receipt in receipts] == [Outcome.ACCEPTED] * 2
    assert len(server.accepted) == 2


@needs_openssl
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_ends_it_before_the_login(
    trusted: tuple[ssl.SSLContext, Path], tls: str
) -> None:
    contexts = {"starttls": trusted[0]} if tls == "starttls" else {"tls": trusted[0]}
    with (
        Server(users={"me": SECRET}, **contexts) as server,  # type: ignore[arg-type]
        pytest.raises(Misconfigured, match=r"The certificate of the mail server .* is not valid"),
    ):
        connect(relay(server, tls, "me"), never)


@needs_openssl
def test_a_certificate_for_another_name_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = server_context(tmp_path, "DNS:other.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with Server(starttls=context) as server, pytest.raises(Misconfigured, match=r"is not valid"):
        connect(relay(server, "starttls"), None)


@pytest.mark.parametrize(("local", "advice"), [(True, "`tls: off`"), (False, "`tls: tls`")])
def test_a_relay_without_starttls_gets_no_login(monkeypatch: pytest.MonkeyPatch, local: bool, advice: str) -> None:
    monkeypatch.setattr(Relay, "local", local)
    with (
        Server(users={"me": SECRET}) as server,
        pytest.raises(Misconfigured, match=r"does not offer encryption \(STARTTLS\)") as refused,
    ):
        connect(relay(server, "starttls", "me"), never)
    assert advice in (refused.value.hint or "")


def test_tls_spoken_to_a_plain_port_is_named() -> None:
    with Server() as server, pytest.raises(Misconfigured, match=r"does not encrypt as expected"):
        connect(relay(server, "tls"), None)


def test_no_encryption_is_for_this_machine_only() -> None:
    with pytest.raises(Misconfigured, match=r"would travel without encryption"):
        connect(Relay("mail.example.org", 25, tls=Tls.OFF, user="me"), never)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_known_by_all_its_names(host: str) -> None:
    assert Relay(host, 25).local


@pytest.mark.parametrize("host", ["mail.example.org", "192.168.1.1", "localhost.example.org", "0.0.0.0"])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not Relay(host, 25).local


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (("auth", Fault(b"535 5.7.8 wrong\r\n")), Misconfigured, r"rejected the login of me: 535 5.7.8 wrong\."),
        (("auth", Fault(b"454 4.7.0 later\r\n")), Busy, r"rejected the login of me: 454"),
        (("auth", Fault(drop=True)), Busy, r"closed the connection"),
        (("connect", Fault(b"421 4.3.2 too many\r\n", drop=True)), Busy, r"greeted us with 421"),
        (("connect", Fault(b"554 5.7.1 go away\r\n", drop=True)), Misconfigured, r"greeted us with 554"),
        (("connect", Fault(b"HTTP/1.1 400 Bad Request\r\n\r\n")), Misconfigured, r"not an answer of a mail server"),
        (("connect", Fault(drop=True)), Busy, r"closed the connection"),
        (("connect", Fault(silent=True)), Busy, r"no complete reply came in time"),
        (("connect", Fault(endless=b"x" * 999)), Busy, r"too long"),
        (("connect", Fault(endless=b"220-hello\r\n")), Busy, r"no end"),
        (("ehlo", Fault(b"451 4.0.0 busy\r\n")), Busy, r"answered our greeting with 451"),
        (("ehlo", Fault(b"550 5.0.0 no\r\n")), Misconfigured, r"offers no login"),
    ],
)
def test_each_trouble_of_connecting_has_its_sentence(
    fault: tuple[str, Fault], error: type[Exception], words: str
) -> None:
    phase, what = fault
    with (
        Server(users={"me": SECRET}, faults={(phase, 1): what}) as server,
        pytest.raises(error, match=words) as raised,
    ):
        connect(relay(server, user="me", timeout=0.5), lambda: SECRET)

    assert SECRET not in _everything(raised.value)


@pytest.mark.parametrize("phase", ["connect", "ehlo", "auth"])
def test_a_relay_that_drips_its_replies_is_given_up_in_time(phase: str) -> None:
    code = {"connect": b"220", "auth": b"235"}.get(phase, b"250")
    fault = Fault(endless=code + b"-and\r\n", pause=0.05)
    began = time.monotonic()
    with (
        Server(users={"me": SECRET}, faults={(phase, 1): fault}) as server,
        pytest.raises(Busy, match=r"no complete reply came in time"),
    ):
        connect(relay(server, user="me", timeout=0.3), lambda: SECRET)

    assert time.monotonic() - began < 3.0


@needs_openssl
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_relay_that_drips_its_part_of_the_handshake_is_given_up_in_time(
    trusted: tuple[ssl.SSLContext, Path], tls: str
) -> None:
    record = b"\x16\x03\x03\x40\x00"  # of 16 KiB
    began = time.monotonic()
    drip = Fault(endless=record, pause=0.05)  # the first says how long it is, the others are a part of it
    faults = {("connect", 1): drip, ("starttls", 1): replace(drip, say=b"220 go on\r\n")}
    if tls == "starttls":
        del faults["connect", 1]
    with (
        Server(faults=faults, starttls=trusted[0]) as server,
        pytest.raises(Busy, match=r"no answer in time"),
    ):
        connect(relay(server, tls, timeout=0.3), None)

    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("code", ["535", "454"])
def test_a_relay_that_repeats_the_line_with_the_password_gives_nothing_away(mechanisms: str, code: str) -> None:
    password = encoded(SECRET)
    line = encoded(f"\0me\0{SECRET}")
    said = f"{code}-5.7.8 wrong: AUTH PLAIN {line}\r\n{code}-5.7.8 {line[:20]}\r\n{code} 5.7.8 {password} {SECRET}\r\n"
    with (
        Server(users={"me": "other"}, mechanisms=mechanisms, faults={("auth", 1): Fault(said.encode())}) as server,
        pytest.raises(NurtureError) as raised,
    ):
        connect(relay(server, user="me"), lambda: SECRET)

    words = _everything(raised.value)
    assert f"rejected the login of me: {code} 5.7.8 wrong: AUTH PLAIN <secret> 5.7.8 <secret> 5.7.8 <secret>." in words
    for secret in (SECRET, line[:8], password[:8], "canary"):
        assert secret not in words


def test_a_password_that_a_relay_repeats_later_gets_into_no_receipt() -> None:
    said = f"451 4.3.0 after AUTH PLAIN {encoded(f'{chr(0)}me{chr(0)}{SECRET}')}\r\n".encode()
    with Server(users={"me": SECRET}, faults={("rcpt", 1): Fault(said), ("dot", 1): Fault(said)}) as server:
        sender = SmtpMessenger(relay(server, user="me"), lambda: SECRET)
        receipts = [sender.deliver(mail(number), Gate()) for number in (1, 2)]
        sender.close()

    assert [receipt.reply for receipt in receipts] == ["4.3.0 after AUTH PLAIN <secret>"] * 2
    assert receipts[0].enhanced == "4.3.0"


def test_a_password_that_is_missing_is_told_before_a_relay_that_is_down() -> None:
    with Server() as server:
        down = replace(relay(server, user="me"), port=server.port)
    missing = Misconfigured("The variable RELAY_PASSWORD is not set.")

    def password() -> str:
        raise missing

    with pytest.raises(Misconfigured) as raised:
        SmtpMessenger(down, password).open()
    assert raised.value is missing
    with pytest.raises(Busy):
        SmtpMessenger(down, lambda: "right").open()


def test_a_user_without_a_password_is_a_mistake_of_the_configuration() -> None:
    with Server(users={}) as server, pytest.raises(Misconfigured, match=r"There is no password for me"):
        connect(relay(server, user="me"), None)


def test_a_name_that_cannot_be_one_is_said_to_be_none() -> None:
    with pytest.raises((Misconfigured, Busy)):
        connect(Relay("x" * 70 + ".test", 25), None)


def test_a_password_changed_in_the_middle_of_a_run_is_blamed_on_nobody_but_us() -> None:
    passwords = ["right"]
    with Server(users={"me": "right"}, faults={("dot", 1): Fault(b"250 ok\r\n", drop=True, accept=True)}) as server:
        sender = SmtpMessenger(relay(server, user="me"), passwords.pop)
        sender.open()
        first = sender.deliver(mail(1), Gate())
        passwords.append("wrong")
        second = sender.deliver(mail(2), Gate())

    assert (first.outcome, second.outcome, second.blame) == (Outcome.ACCEPTED, Outcome.DEFERRED, Blame.SENDER)


def test_the_greeting_needs_no_look_up_of_our_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*words: object) -> str:
        raise AssertionError(f"the DNS was asked: {words}")

    monkeypatch.setattr("socket.getfqdn", look_up)
    monkeypatch.setattr("socket.gethostbyname", look_up)
    with Server() as server:
        connect(relay(server), None).close()

    assert server.commands[1].startswith("ehlo ")


def _everything(error: BaseException) -> str:
    """All words of an error and of what it came from, with the values of local names."""
    words: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        words += [str(seen), repr(seen)]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(words)
