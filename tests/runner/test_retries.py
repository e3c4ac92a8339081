"""When a touch is tried again, and for how long."""

from __future__ import annotations

from nurture_cli.runner.retries import LONGEST_RETRY, next_try, tried_long_enough


def test_a_touch_is_tried_later_each_time_and_never_at_the_same_moment_as_all_others() -> None:
    delays = [next_try("k", attempts, 0) for attempts in range(1, 12)]
    spread = {next_try(f"c/1/{contact}/1", 1, 0) for contact in range(200)}

    assert delays[:5] == sorted(delays[:5])
    assert max(delays) <= LONGEST_RETRY * 1.25
    assert min(spread) >= 225
    assert max(spread) <= 375
    assert len(spread) > 80
    assert next_try("k", 3, 0) == next_try("k", 3, 0)
    assert next_try("k", 1_000_000, 0) <= LONGEST_RETRY * 1.25


def test_five_days_of_trying_are_enough() -> None:
    assert not tried_long_enough(None, 10**9)
    assert not tried_long_enough(0, 5 * 86400 - 1)
    assert tried_long_enough(0, 5 * 86400)
