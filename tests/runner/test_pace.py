"""How a channel slows down and recovers."""

from __future__ import annotations

import pytest

from nurture_cli.delivery.messenger import Blame, Outcome, Receipt
from nurture_cli.runner.pace import SLOWEST, Throttle

ACCEPTED = Receipt(Outcome.ACCEPTED, code=250)
LATER = Receipt(Outcome.DEFERRED, Blame.CONNECTION, 451, reply="later")
BLOCKED = Receipt(Outcome.REFUSED, Blame.SENDER, 550, "5.7.1", "blocked")
GONE = Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply="the connection broke")
FULL = Receipt(Outcome.DEFERRED, Blame.MAILBOX, 452, "4.2.2", "full")


def test_the_pause_doubles_while_the_relay_says_later_and_has_a_limit() -> None:
    pace = Throttle()
    pauses = []
    for _ in range(9):
        pace.note(LATER)
        pauses.append(pace.pause)

    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses[-1] == SLOWEST


def test_the_pause_wears_off_with_success() -> None:
    pace = Throttle()
    for _ in range(9):
        pace.note(LATER)
    for _ in range(100):
        pace.note(ACCEPTED)

    assert pace.pause == 0.0


@pytest.mark.parametrize("receipt", [FULL, BLOCKED, GONE])
def test_what_is_not_about_the_rate_does_not_slow_down(receipt: Receipt) -> None:
    pace = Throttle()
    pace.note(receipt)

    assert pace.pause == 0.0
