"""The owner: many may ask, one does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from nurture_cli.runner.owner import Owner


def test_whatever_is_asked_for_is_done_by_the_owner() -> None:
    owner, done = Owner(), []

    def work() -> None:
        for number in range(50):
            asked_by = threading.get_ident()
            done_by = owner.do(threading.get_ident)
            done.append((number, asked_by, done_by))

    owner.serve([work] * 4)

    assert len(done) == 200
    assert {done_by for _, _, done_by in done} == {threading.get_ident()}
    assert len({asked_by for _, asked_by, _ in done}) == 4


def test_one_work_alone_needs_no_thread() -> None:
    seen: list[int] = []
    Owner().serve([lambda: seen.append(threading.get_ident())])

    assert seen == [threading.get_ident()]


def test_an_error_reaches_whoever_asked() -> None:
    owner, caught = Owner(), []

    def fail() -> None:
        raise ValueError("no")

    def work() -> None:
        try:
            owner.do(fail)
        except ValueError as error:
            caught.append(str(error))

    owner.serve([work, work])

    assert caught == ["no", "no"]


def test_an_error_of_one_worker_ends_the_others_in_their_own_time_and_is_raised() -> None:
    finished: list[bool] = []

    def fail() -> None:
        raise ValueError("no")

    works: list[Callable[[], None]] = [fail, lambda: finished.append(True)]
    with pytest.raises(ValueError, match="no"):
        Owner().serve(works)

    assert finished == [True]


def test_what_is_asked_for_together_is_done_in_one_act_and_answers_each() -> None:
    owner = Owner()
    groups: list[list[int]] = []
    answers: dict[int, int] = {}
    busy = threading.Event()

    def double(items: Sequence[int]) -> list[int]:
        groups.append(sorted(items))
        return [2 * item for item in items]

    def work(item: int) -> None:
        busy.wait()
        answers[item] = owner.together(double, item)

    def hold_up_until_all_have_asked() -> None:
        busy.set()
        while owner._asked.qsize() < 3:
            pass

    owner.serve([partial(work, 1), partial(work, 2), partial(work, 3), lambda: owner.do(hold_up_until_all_have_asked)])

    assert answers == {1: 2, 2: 4, 3: 6}
    assert groups == [[1, 2, 3]]


def test_an_error_of_what_is_done_together_reaches_all_who_asked() -> None:
    owner, caught = Owner(), []

    def fail(_items: Sequence[int]) -> list[int]:
        raise ValueError("no")

    def work(item: int) -> None:
        try:
            owner.together(fail, item)
        except ValueError as error:
            caught.append((item, str(error)))

    owner.serve([partial(work, 1), partial(work, 2)])

    assert sorted(caught) == [(1, "no"), (2, "no")]
