"""When a run gives a channel up, and what it believes of its answers."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.channels import Smtp
from nurture_cli.campaign.model import Channel
from nurture_cli.delivery.messenger import Blame, Outcome, Receipt
from nurture_cli.errors import Busy, Findings
from nurture_cli.runner.open_channel import TOO_MANY, OpenChannel
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
        channel.weigh(receipt)

    assert type(channel.why_closed) is (closed or type(None))


def test_the_reason_for_closing_a_channel_quotes_the_relay() -> None:
    channel = way(stop_after=1)
    channel.weigh(BLOCKED)

    assert str(channel.why_closed) == "Channel mail failed once, so the run stopped it; the last answer: 550 blocked."


def test_a_channel_that_refuses_one_contact_after_the_other_is_stopped_and_believed_no_more() -> None:
    channel = way(stop_after=100)
    before = [channel.weigh(DEAD) for _ in range(TOO_MANY - 1)]
    assert channel.why_closed is None
    after = [channel.weigh(DEAD) for _ in range(3)]

    assert {receipt.blame for receipt in before} == {Blame.ADDRESS}
    assert {receipt.blame for receipt in after} == {Blame.SENDER}
    assert isinstance(channel.why_closed, Findings)
    assert channel.why_closed.sentence.startswith(
        "Channel mail refused 10 of the last 10 contacts for good, so the run stopped it; the last answer: 550"
    )


def test_refusals_are_counted_among_the_last_answers_alone() -> None:
    bearable, too_many = way(), way()
    for _ in range(40):
        for receipt in (DEAD, ACCEPTED, ACCEPTED):
            assert bearable.weigh(receipt) == receipt
    for _ in range(10):
        for receipt in (DEAD, DISABLED, ACCEPTED):
            too_many.weigh(receipt)

    assert bearable.why_closed is None
    assert too_many.why_closed is not None


def test_after_a_run_that_was_blocked_refusals_are_believed_once_something_was_taken() -> None:
    channel = way(blocked=True, stop_after=3)
    first = [channel.weigh(DEAD), channel.weigh(DEAD), channel.weigh(ACCEPTED), channel.weigh(DEAD)]
    shut = way(blocked=True, stop_after=3)
    for _ in range(3):
        shut.weigh(DEAD)

    assert [receipt.blame for receipt in first] == [Blame.SENDER, Blame.SENDER, Blame.NOBODY, Blame.ADDRESS]
    assert isinstance(shut.why_closed, Findings)


@pytest.mark.parametrize("blocked", [False, True])
def test_only_a_run_that_suppressed_somebody_says_how_to_take_it_back(blocked: bool) -> None:
    channel = way(blocked=blocked, stop_after=100)
    for _ in range(TOO_MANY):
        channel.weigh(DEAD)

    assert channel.why_closed is not None
    assert ("suppress remove --run 7" in (channel.why_closed.hint or "")) is not blocked
