"""The blast guard compares with what the last runs had to do, not with where they were stopped."""

from __future__ import annotations

import os
import signal

import pytest

from nurture_cli.errors import Refused
from nurture_cli.store.database import writing
from tests.runner.house import AT, House
from tests.runner.lives import KILLED, Life, Lives

OUTBOX = "{type: outbox}"


def test_far_more_than_lately_wants_to_be_confirmed(house: House) -> None:
    house.build(9, contacts=5, mail=OUTBOX)
    house.run()
    with house.opened() as db, writing(db):
        for number in range(6, 156):
            house.add_contact(db, number)

    sentence = "150 touches are due, but only 5 were in the biggest of the last runs"
    with pytest.raises(Refused, match=sentence) as raised:
        house.run(AT + 60)
    assert raised.value.hint is not None
    assert "nurture run --confirm 150" in raised.value.hint
    assert house.run(AT + 60, confirmed=150).done.sent == 150


def test_a_run_after_one_with_a_limit_goes_on(house: House) -> None:
    house.build(9, contacts=120, mail=OUTBOX)
    house.run(limit=5)

    assert house.run(AT + 60).done.sent == 115


def test_a_run_after_one_that_was_stopped_goes_on(house: House) -> None:
    house.build(9, contacts=120, mail=OUTBOX)
    begun = 0

    def stop(point: str) -> None:
        nonlocal begun
        begun += point == "before_dot"
        if point == "before_dot" and begun == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    stopped = house.run(crash_point=stop)
    rest = house.run(AT + 60)

    assert stopped.done.signal == signal.SIGTERM
    assert stopped.done.sent == 3
    assert stopped.done.sent + rest.done.sent == 120


def test_a_run_after_one_that_was_killed_goes_on(house: House, lives: Lives) -> None:
    house.build(9, contacts=130, mail=OUTBOX)
    house.run(limit=1)
    assert lives.live(Life(str(house.folder), AT + 60, point="before_dot", hit=3)) == KILLED

    assert house.run(AT + 120).done.sent >= 120
