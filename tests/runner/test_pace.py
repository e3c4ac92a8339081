"""How a channel slows down and recovers, when a touch is tried again, and when a run gives a channel up."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.channels import Smtp
from nurture_cli.campaign.model import Channel
from nurture_cli.delivery.messenger import Blame, Outcome, Receipt
from nurture_cli.errors import Busy, Findings
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.open_channel import TOO_MANY, OpenChannel
from nurture_cli.runner.pace import LONGEST_RETRY, SLOWEST, Throttle, next_try, tried_long_enough
from nurture_cli.text.diagnostic import Span

ACCEPTED = Receipt(Outcome.ACCEPTED, code=250)
LATER = Receipt(Outcome.DEFERRED, Blame.CONNECTION, 451, reply="later")
BLOCKED = Receipt(Outcome.REFUSED, Blame.SENDER, 550, "5.7.1", "blocked")
GONE = Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply="the connection broke")
DEAD = Receipt(Outcome.REFUSED, Blame.ADDRESS, 550, "5.1.1", "no such user")
DISABLED = Receipt(Outcome.REFUSED, Blame.MAILBOX, 550, "5.2.1", "disabled")
FULL = Receipt(Outcome.DEFERRED, Blame.MAILBOX, 452, "4.2.2", "full")


def way(stop_after: int = 3, *, blocked: bool = False) -> OpenChannel:
    channel = Channel("mail", Smtp("smtp.example.com", 587), None, None, (), Span("nurture.yml", 1, 1, 1))
    return OpenChannel(channel, [], stop_after, run_id=7, blocked=blocked)


def test_the_rest_doubles_while_the_relay_says_later_and_has_a_limit() -> None:
    pace = Throttle()
    rests = []
    for _ in range(9):
        pace.note(LATER)
        rests.append(pace.rest)

    assert rests[:4] == [0.5, 1.0, 2.0, 4.0]
    assert rests[-1] == SLOWEST


def test_the_rest_wears_off_with_success() -> None:
    pace = Throttle()
    for _ in range(9):
        pace.note(LATER)
    for _ in range(100):
        pace.note(ACCEPTED)

    assert pace.rest == 0.0


@pytest.mark.parametrize("receipt", [FULL, BLOCKED, GONE])
def test_what_is_not_about_the_rate_does_not_slow_down(receipt: Receipt) -> None:
    pace = Throttle()
    pace.note(receipt)

    assert pace.rest == 0.0


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


@pytest.mark.parametrize(
    ("receipts", "closed"),
    [
        ([BLOCKED] * 3, Findings),
        ([LATER] * 3, Busy),
        ([GONE, LATER, GONE], Busy),
        ([BLOCKED, LATER, BLOCKED, LATER], None),
        ([LATER, LATER, ACCEPTED, LATER, LATER], None),
        ([LATER, LATER, FULL, LATER, LATER], None),
        ([FULL] * 9, None),
    ],
)
def test_equal_failures_in_a_row_that_are_nobodys_but_ours_close_a_channel(
    receipts: list[Receipt], closed: type[Exception] | None
) -> None:
    channel = way()
    for receipt in receipts:
        channel.judge(receipt)

    assert type(channel.closed) is (closed or type(None))


def test_the_reason_for_closing_a_channel_quotes_the_relay() -> None:
    channel = way(stop_after=1)
    channel.judge(BLOCKED)

    assert str(channel.closed) == "Channel mail failed once, so the run stopped it; the last answer: 550 blocked."


def test_a_channel_that_refuses_one_contact_after_the_other_is_stopped_and_believed_no_more() -> None:
    channel = way(stop_after=100)
    before = [channel.judge(DEAD) for _ in range(TOO_MANY - 1)]
    assert channel.closed is None
    after = [channel.judge(DEAD) for _ in range(3)]

    assert {receipt.blame for receipt in before} == {Blame.ADDRESS}
    assert {receipt.blame for receipt in after} == {Blame.SENDER}
    assert isinstance(channel.closed, Findings)
    assert channel.closed.sentence.startswith(
        "Channel mail refused 10 of the last 10 contacts for good, so the run stopped it; the last answer: 550"
    )


def test_refusals_are_counted_among_the_last_answers_alone() -> None:
    bearable, too_many = way(), way()
    for _ in range(40):
        for receipt in (DEAD, ACCEPTED, ACCEPTED):
            assert bearable.judge(receipt) == receipt
    for _ in range(10):
        for receipt in (DEAD, DISABLED, ACCEPTED):
            too_many.judge(receipt)

    assert bearable.closed is None
    assert too_many.closed is not None


def test_after_a_run_that_was_blocked_refusals_are_believed_once_something_was_taken() -> None:
    channel = way(blocked=True, stop_after=3)
    first = [channel.judge(DEAD), channel.judge(DEAD), channel.judge(ACCEPTED), channel.judge(DEAD)]
    shut = way(blocked=True, stop_after=3)
    for _ in range(3):
        shut.judge(DEAD)

    assert [receipt.blame for receipt in first] == [Blame.SENDER, Blame.SENDER, Blame.NOBODY, Blame.ADDRESS]
    assert isinstance(shut.closed, Findings)


@pytest.mark.parametrize("blocked", [False, True])
def test_only_a_run_that_suppressed_somebody_says_how_to_take_it_back(blocked: bool) -> None:
    channel = way(blocked=blocked, stop_after=100)
    for _ in range(TOO_MANY):
        channel.judge(DEAD)

    assert channel.closed is not None
    assert ("suppress remove --run 7" in (channel.closed.hint or "")) is not blocked


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (RunCounts(), 0),
        (RunCounts(sent=3), 0),
        (RunCounts(deferred=3), 0),
        (RunCounts(failed=1), 1),
        (RunCounts(failed=1, unknown=1), 4),
        (RunCounts(troubles={"mail": Busy("down")}), 75),
        (RunCounts(troubles={"mail": Busy("down")}, unknown=1), 4),
        (RunCounts(fault=Busy("locked"), unknown=1), 75),
        (RunCounts(signal=2, unknown=1), 130),
        (RunCounts(signal=15), 143),
        (RunCounts(signal=1), 143),
    ],
)
def test_the_exit_code_says_what_most_needs_a_human(counts: RunCounts, code: int) -> None:
    assert counts.exit_code == code
