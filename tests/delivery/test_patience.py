"""One deadline for all addresses of a host, and one for all that is sent."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from nurture_cli.delivery import patience
from nurture_cli.delivery.patience import connected, send_all


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """An address that answers no connection: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listening.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that every host has."""
    addresses: list[tuple[str, int]] = []

    def look_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return addresses


def test_all_addresses_of_a_host_share_one_time_out(silent: tuple[str, int], known: list[tuple[str, int]]) -> None:
    known += [silent] * 8
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        connected("many.example", 25, 0.4)

    assert 0.3 < time.monotonic() - began < 2.0


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    silent: tuple[str, int], known: list[tuple[str, int]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        known += [silent, listening.getsockname()]
        with connected("two.example", 25, 0.6) as sock:
            assert sock.getpeername() == listening.getsockname()
            assert sock.gettimeout() == 0.6


def test_the_last_trouble_is_told(known: list[tuple[str, int]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        known.append(taken.getsockname())
    with pytest.raises(ConnectionRefusedError):
        connected("down.example", 25, 5.0)


class Slow:
    """A socket as in TLS: it takes a few bytes at a time, and each takes a second."""

    def __init__(self) -> None:
        self.taken = b""
        self.now = 0.0
        self.allowed: float | None = None

    def gettimeout(self) -> float | None:
        return self.allowed

    def settimeout(self, seconds: float) -> None:
        self.allowed = seconds

    def send(self, data: memoryview) -> int:
        self.now += 1.0
        self.taken += bytes(data[:3])
        return len(data[:3])


@pytest.mark.parametrize(("seconds", "taken"), [(10.0, b"all of it"), (2.0, b"all of")])
def test_all_that_is_sent_shares_one_time_out(monkeypatch: pytest.MonkeyPatch, seconds: float, taken: bytes) -> None:
    slow = Slow()
    monkeypatch.setattr(patience.time, "monotonic", lambda: slow.now)
    if seconds < 3:
        with pytest.raises(TimeoutError):
            send_all(slow, b"all of it", seconds)  # type: ignore[arg-type]
    else:
        send_all(slow, b"all of it", seconds)  # type: ignore[arg-type]

    assert slow.taken == taken
