"""Webhooks: one POST a message with a key that never changes, judged by its status."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Iterator

import pytest

from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.webhook import WebhookMessenger
from nurture_cli.errors import Busy, Misconfigured
from tests.delivery.endpoint import Endpoint
from tests.delivery.mails import Gate, mail

DOCUMENT = mail(data=b'{"asset": "call"}')


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An endpoint on this machine."""
    with Endpoint() as end:
        yield end


def test_a_post_carries_the_key_and_the_signature_of_the_message(endpoint: Endpoint) -> None:
    hook, gate = WebhookMessenger(endpoint.url, lambda: "canary"), Gate()
    hook.open()
    receipts = [hook.deliver(DOCUMENT, gate) for _ in range(2)]

    head, _, body = endpoint.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=b HTTP/1.1"
    assert "Idempotency-Key: id-1@example.org" in lines
    assert "Content-Type: application/json" in lines
    assert f"Nurture-Signature: sha256={hmac.digest(b'canary', body, 'sha256').hex()}" in lines
    assert body == DOCUMENT.data
    assert endpoint.requests[0] == endpoint.requests[1]
    assert ([receipt.outcome for receipt in receipts], gate.asked) == ([Outcome.ACCEPTED] * 2, 2)


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
    receipt = WebhookMessenger(endpoint.url).deliver(DOCUMENT, Gate())

    assert (receipt.outcome, receipt.blame, receipt.code) == (outcome, blame, int(status[:3]))
    assert receipt.reply in ("why", "redirections are not followed")
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("answer", [None, b"", b"gibberish\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000])
def test_without_an_answer_the_message_is_in_doubt(endpoint: Endpoint, answer: bytes | None) -> None:
    endpoint.answer = answer
    receipt = WebhookMessenger(endpoint.url, timeout=0.2).deliver(DOCUMENT, Gate())

    assert (receipt.outcome, receipt.blame) == (Outcome.UNKNOWN, Blame.CONNECTION)


def test_an_answer_that_drips_in_is_not_waited_for_longer_than_the_time_out(endpoint: Endpoint) -> None:
    endpoint.answer, endpoint.drip = b"HTTP/1.1 200 OK\r\nX: ", True
    receipt = WebhookMessenger(endpoint.url, timeout=0.2).deliver(DOCUMENT, Gate())

    assert receipt.outcome is Outcome.UNKNOWN


def test_a_long_body_of_an_answer_is_read_in_part_only(endpoint: Endpoint) -> None:
    endpoint.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"z" * 9999
    receipt = WebhookMessenger(endpoint.url, timeout=0.5).deliver(DOCUMENT, Gate())

    assert receipt.outcome is Outcome.ACCEPTED
    assert len(receipt.reply) <= 400


def test_nothing_is_posted_for_what_is_withheld_at_the_last_moment(endpoint: Endpoint) -> None:
    receipt = WebhookMessenger(endpoint.url).deliver(DOCUMENT, Gate(answer=False))

    assert (receipt.outcome, receipt.blame, endpoint.requests) == (Outcome.DEFERRED, Blame.NOBODY, [])


def test_an_endpoint_that_is_down_is_busy_when_opened_and_puts_off_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hook = WebhookMessenger(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    gate = Gate()
    receipt = hook.deliver(DOCUMENT, gate)

    assert (receipt.outcome, receipt.blame, gate.asked) == (Outcome.DEFERRED, Blame.CONNECTION, 0)
    with pytest.raises(Busy, match=r"cannot be reached: Connection refused"):
        hook.open()


def test_no_encryption_is_for_this_machine_only() -> None:
    with pytest.raises(Misconfigured, match=r"without encryption"):
        WebhookMessenger("http://example.org/hook").open()
