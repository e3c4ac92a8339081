"""Many connections, one database: one at a time, and together where they wait anyway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from nurture_cli.runner import commits as room
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


def asked_soon_after_each_other(commits: Commits[int, int], *, announced: bool, pause: float) -> None:
    """Somebody asks, and after a pause somebody else who was perhaps announced."""
    asked = threading.Event()

    def first() -> None:
        asked.set()
        commits.together(1)

    def second() -> None:
        asked.wait()
        time.sleep(pause)
        commits.together(2)

    if announced:
        commits.announce(2)
    side_by_side([first, second])


@pytest.mark.parametrize(
    ("announced", "in_time", "groups"), [(True, 60.0, [[1, 2]]), (False, 60.0, [[1], [2]]), (True, 0.001, [[1], [2]])]
)
def test_those_who_are_announced_are_waited_for_but_not_for_long(
    monkeypatch: pytest.MonkeyPatch, announced: bool, in_time: float, groups: list[list[int]]
) -> None:
    monkeypatch.setattr(room, "IN_TIME", in_time)
    seen: list[list[int]] = []

    def act(items: Sequence[int]) -> list[int]:
        seen.append(sorted(items))
        return doubled(items)

    asked_soon_after_each_other(Commits(act, threading.RLock()), announced=announced, pause=0.1)

    assert seen == groups


def test_nobody_waits_for_those_who_are_not_coming_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IN_TIME", 3600.0)
    commits = Commits(doubled, threading.RLock())
    commits.announce(2)
    commits.withdraw(2)

    assert commits.together(1) == 2


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
