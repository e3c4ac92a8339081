"""Webhooks: one POST a message with a key that never changes, judged by its status."""

from __future__ import annotations

import hmac
import socket
import time
from base64 import b64encode
from collections.abc import Iterator

import pytest

from nurture_cli.clock import FixedClock
from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.webhook import WebhookMessenger
from nurture_cli.errors import Busy, Misconfigured
from tests.delivery.endpoint import Endpoint
from tests.delivery.mails import Gate, mail

DOCUMENT = mail(data=b'{"asset": "call"}')
AT = 1772528400


def webhook(url: str, secret: str | None = None, *, timeout: float = 5.0, at: int = AT) -> WebhookMessenger:
    """A messenger that posts to an endpoint of ours, at an instant."""
    read = None if secret is None else lambda: secret
    return WebhookMessenger(url, read, timeout=timeout, clock=FixedClock(at))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An endpoint on this machine."""
    with Endpoint() as end:
        yield end


def headers_of(request: bytes) -> dict[str, str]:
    head = request.partition(b"\r\n\r\n")[0].decode()
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}


def test_a_post_carries_the_same_key_at_every_attempt_and_the_time_of_this_one(endpoint: Endpoint) -> None:
    gate = Gate()
    receipts = [webhook(endpoint.url, at=at).deliver(DOCUMENT, gate) for at in (AT, AT + 60)]
    first, second = (headers_of(request) for request in endpoint.requests)

    assert endpoint.requests[0].startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    assert endpoint.requests[0].endswith(b"\r\n\r\n" + DOCUMENT.data)
    assert first["webhook-id"] == first["idempotency-key"] == "id-1@example.org"
    assert first["content-type"] == "application/json"
    assert first["webhook-timestamp"] == str(AT)
    assert first | {"webhook-timestamp": str(AT + 60)} == second
    assert "webhook-signature" not in first
    assert ([receipt.outcome for receipt in receipts], gate.asked) == ([Outcome.ACCEPTED] * 2, 2)


@pytest.mark.parametrize(
    ("secret", "key"), [("canary", b"canary"), ("whsec_" + b64encode(b"\xff key \0").decode(), b"\xff key \0")]
)
def test_key_time_and_body_are_signed_as_standard_webhooks_has_it(endpoint: Endpoint, secret: str, key: bytes) -> None:
    hook = webhook(endpoint.url, secret)
    hook.open()
    hook.deliver(DOCUMENT, Gate())

    signed = f"id-1@example.org.{AT}.".encode() + DOCUMENT.data
    signature = b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert headers_of(endpoint.requests[0])["webhook-signature"] == f"v1,{signature}"


def test_a_secret_that_promises_base64_and_is_none_is_said_before_anything_is_posted(endpoint: Endpoint) -> None:
    with pytest.raises(Misconfigured, match=r"begins with whsec_, but no base64 follows") as raised:
        webhook(endpoint.url, "whsec_canary!").open()

    assert "canary" not in str(raised.value)


ECHOED = b"secret: canary-5eed\nsignature: %s\nbase64: %s\naddress: /services/T0ABCDEF/c4n4ry99?key=t0ken-t0ken\n"


@pytest.mark.parametrize("where", ["body", "reason", "status line", "header"])
def test_an_endpoint_that_repeats_what_it_was_told_gives_nothing_away(where: str) -> None:
    url = "/services/T0ABCDEF/c4n4ry99?key=t0ken-t0ken"
    signed = f"id-1@example.org.{AT}.".encode() + DOCUMENT.data
    signature = b64encode(hmac.digest(b"canary-5eed", signed, "sha256"))
    echo = ECHOED % (signature, b64encode(b"user:canary-5eed"))
    line = echo.replace(b"\n", b" ")
    answers = {
        "body": b"HTTP/1.1 403 No\r\nContent-Length: %d\r\n\r\n%s" % (len(echo), echo),
        "reason": b"HTTP/1.1 403 %s\r\n\r\n" % line,
        "status line": b"%s\r\n\r\n" % line,
        "header": b"HTTP/1.1 403 No\r\nX: %s\r\nContent-Length: 0\r\n\r\n" % line,
    }
    with Endpoint(answer=answers[where]) as endpoint:
        hook = webhook(f"http://127.0.0.1:{endpoint.port}{url}", "canary-5eed")
        hook.open()
        receipt = hook.deliver(DOCUMENT, Gate())

    said = receipt.reply
    assert said == ("No" if where == "header" else said)
    for secret in ("canary-5eed", "5eed", signature.decode(), "T0ABCDEF", "c4n4ry99", "t0ken", "dXNlcj"):
        assert secret not in said
    assert where == "header" or "secret: <secret> signature: <secret> base64: <secret> address: <secret>" in said


def test_the_address_is_told_without_its_path(endpoint: Endpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Busy) as raised:
        webhook(f"http://127.0.0.1:{port}/services/c4n4ry99").open()

    assert str(raised.value).startswith(f"http://127.0.0.1:{port} cannot be reached: ")


@pytest.mark.parametrize(
    ("status", "outcome", "blame"),
    [
        ("200 OK", Outcome.ACCEPTED, Blame.NOBODY),
        ("202 Accepted", Outcome.ACCEPTED, Blame.NOBODY),
        ("409 Conflict", Outcome.ACCEPTED, Blame.NOBODY),
        ("302 Found", Outcome.REFUSED, Blame.SENDER),
        ("400 Bad Request", Outcome.REFUSED, Blame.MESSAGE),
        ("401 Unauthorized", Outcome.REFUSED, Blame.SENDER),
        ("404 Not Found", Outcome.REFUSED, Blame.SENDER),
        ("422 Unprocessable", Outcome.REFUSED, Blame.MESSAGE),
        ("408 Timeout", Outcome.DEFERRED, Blame.CONNECTION),
        ("425 Too Early", Outcome.DEFERRED, Blame.CONNECTION),
        ("429 Too Many", Outcome.DEFERRED, Blame.CONNECTION),
        ("500 Oops", Outcome.DEFERRED, Blame.CONNECTION),
        ("503 Later", Outcome.DEFERRED, Blame.CONNECTION),
    ],
)
def test_the_status_decides(endpoint: Endpoint, status: str, outcome: Outcome, blame: Blame) -> None:
    endpoint.answer = f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 3\r\n\r\nwhy".encode()
    receipt = webhook(endpoint.url).deliver(DOCUMENT, Gate())

    assert (receipt.outcome, receipt.blame, receipt.code) == (outcome, blame, int(status[:3]))
    assert receipt.reply in ("why", "nurture follows no redirections")
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("answer", [None, b"", b"gibberish\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000])
def test_without_an_answer_the_message_is_in_doubt(endpoint: Endpoint, answer: bytes | None) -> None:
    endpoint.answer = answer
    receipt = webhook(endpoint.url, timeout=0.2).deliver(DOCUMENT, Gate())

    assert (receipt.outcome, receipt.blame) == (Outcome.UNKNOWN, Blame.CONNECTION)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", Outcome.UNKNOWN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", Outcome.ACCEPTED),
    ],
)
def test_an_answer_that_drips_in_is_not_waited_for_longer_than_the_time_out(
    endpoint: Endpoint, answer: bytes, outcome: Outcome
) -> None:
    endpoint.answer, endpoint.drip = answer, True
    began = time.monotonic()
    receipt = webhook(endpoint.url, timeout=0.2).deliver(DOCUMENT, Gate())

    assert receipt.outcome is outcome
    assert time.monotonic() - began < 2.0


def test_a_long_body_of_an_answer_is_read_in_part_only(endpoint: Endpoint) -> None:
    endpoint.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"z" * 9999
    receipt = webhook(endpoint.url, timeout=0.5).deliver(DOCUMENT, Gate())

    assert receipt.outcome is Outcome.ACCEPTED
    assert len(receipt.reply) <= 400


def test_nothing_is_posted_for_what_is_withheld_at_the_last_moment(endpoint: Endpoint) -> None:
    receipt = webhook(endpoint.url).deliver(DOCUMENT, Gate(answer=False))

    assert (receipt.outcome, receipt.blame, endpoint.requests) == (Outcome.DEFERRED, Blame.NOBODY, [])


def test_an_endpoint_that_is_down_is_busy_when_opened_and_puts_off_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hook = webhook(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    gate = Gate()
    receipt = hook.deliver(DOCUMENT, gate)

    assert (receipt.outcome, receipt.blame, gate.asked) == (Outcome.DEFERRED, Blame.CONNECTION, 0)
    with pytest.raises(Busy, match=r"cannot be reached: Connection refused"):
        hook.open()


def test_no_encryption_is_for_this_machine_only() -> None:
    with pytest.raises(Misconfigured, match=r"without encryption"):
        webhook("http://example.org/hook").open()
