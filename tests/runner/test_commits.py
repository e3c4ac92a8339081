"""Many connections, one database: one at a time, and together where they wait anyway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from nurture_cli.runner.commits import Commits, side_by_side


def doubled(items: Sequence[int]) -> list[int]:
    return [2 * item for item in items]


def test_one_alone_is_answered_at_once() -> None:
    assert Commits(doubled, threading.RLock()).together(4) == 8


def test_no_two_transactions_are_on_at_the_same_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    def act(items: Sequence[int]) -> list[int]:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.001)
        inside.pop()
        return list(items)

    lock = threading.RLock()
    commits = Commits(act, lock)

    def work() -> None:
        for number in range(20):
            assert commits.together(number) == number
            with lock:
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    side_by_side([work] * 4)

    assert set(most) == {1}


def test_all_who_ask_while_another_transaction_is_on_share_the_next_one() -> None:
    groups: list[list[int]] = []
    answers: dict[int, int] = {}

    def act(items: Sequence[int]) -> list[int]:
        groups.append(sorted(items))
        return doubled(items)

    lock = threading.RLock()
    commits = Commits(act, lock)
    held = threading.Event()

    def work(item: int) -> None:
        held.wait()
        answers[item] = commits.together(item)

    def hold_up_until_all_have_asked() -> None:
        with lock:
            held.set()
            while len(commits._asked) < 3:
                pass

    side_by_side([partial(work, 1), partial(work, 2), partial(work, 3), hold_up_until_all_have_asked])

    assert answers == {1: 2, 2: 4, 3: 6}
    assert groups == [[1, 2, 3]]


def test_an_error_reaches_all_who_asked_and_the_next_one_is_answered() -> None:
    caught: list[tuple[int, str]] = []
    fails = [True]

    def act(items: Sequence[int]) -> list[int]:
        if fails:
            raise ValueError("no")
        return doubled(items)

    commits = Commits(act, threading.RLock())

    def work(item: int) -> None:
        try:
            commits.together(item)
        except ValueError as error:
            caught.append((item, str(error)))

    side_by_side([partial(work, 1), partial(work, 2)])
    fails.clear()

    assert sorted(caught) == [(1, "no"), (2, "no")]
    assert commits.together(3) == 6


def test_one_work_alone_needs_no_thread() -> None:
    seen: list[int] = []
    side_by_side([lambda: seen.append(threading.get_ident())])

    assert seen == [threading.get_ident()]


def test_an_error_of_one_work_lets_the_others_finish_and_is_raised() -> None:
    finished: list[bool] = []

    def fail() -> None:
        raise ValueError("no")

    works: list[Callable[[], None]] = [fail, lambda: finished.append(True)]
    with pytest.raises(ValueError, match="no"):
        side_by_side(works)

    assert finished == [True]
