"""A run that is asked to stop finishes the mail that is past the point of no return, and leaves nothing in doubt."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from nurture_cli.delivery.crash_points import SENDING
from nurture_cli.runner.signals import listening
from tests.delivery.server import Server
from tests.runner.house import AT, House
from tests.runner.lives import Life, Lives

MANY = 30  # contacts: on a busy machine some more are written to before the signal is heard


@pytest.mark.parametrize("point", SENDING)
@pytest.mark.parametrize(
    ("told", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 143)], ids=["TERM", "INT", "HUP"]
)
@pytest.mark.parametrize("connections", [1, 2])
def test_a_signal_at_any_point_ends_the_run_cleanly(
    house: House, sink: Server, lives: Lives, point: str, told: int, code: int, connections: int
) -> None:
    house.build(sink.port, contacts=MANY, connections=connections)
    hit = 1 if point.endswith("claim") else 2
    first = lives.live(Life(str(house.folder), AT, point=point, hit=hit, told=told))
    states = house.states()
    taken = len(sink.accepted)
    second = lives.live(Life(str(house.folder), AT + 60))

    assert (first, second) == (code, 0)
    assert set(states.values()) <= {"planned", "sent"}
    assert list(states.values()).count("sent") == taken < MANY
    assert set(house.states().values()) == {"sent"}
    assert len(sink.accepted) == MANY
    assert house.ask("SELECT ended FROM run ORDER BY id") == [f"stopped by {signal.Signals(told).name}", "done"]


def test_a_second_signal_ends_the_run_at_once_as_a_crash(house: House, sink: Server, lives: Lives) -> None:
    house.build(sink.port)
    first = lives.live(Life(str(house.folder), AT, point="after_dot", told=signal.SIGTERM, times=2))
    second = lives.live(Life(str(house.folder), AT + 60))

    assert (first, second) == (-signal.SIGTERM, 4)  # one is in doubt
    assert house.states() == {1: "unknown"} | dict.fromkeys(range(2, 7), "sent")


def test_a_rest_is_cut_short_by_a_signal() -> None:
    with listening() as stop:
        threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGTERM]).start()
        began = time.monotonic()
        stop.wait(30)

        assert stop.signal == signal.SIGTERM
        assert time.monotonic() - began < 5


def test_the_former_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with listening():
        assert signal.getsignal(signal.SIGTERM) is not before[1]

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_run_under_nohup_goes_on_when_its_terminal_closes() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as stop:
            signal.raise_signal(signal.SIGHUP)

            assert not stop.requested
    finally:
        signal.signal(signal.SIGHUP, former)
