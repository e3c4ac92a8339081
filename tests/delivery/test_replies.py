"""Whom a refusal concerns: only a dead address suppresses, only our own trouble stops a run."""

from __future__ import annotations

import pytest

from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.replies import LONGEST_REPLY, Phase, Reply, cleaned, refusal

TABLE = [
    # said at RCPT about the recipient
    (Phase.RCPT, 550, "5.1.1 user unknown", Blame.ADDRESS),
    (Phase.RCPT, 550, "5.1.2 no such domain", Blame.ADDRESS),
    (Phase.RCPT, 501, "5.1.3 bad syntax", Blame.ADDRESS),
    (Phase.RCPT, 551, "5.1.6 has moved", Blame.ADDRESS),
    (Phase.RCPT, 556, "5.1.10 null MX", Blame.ADDRESS),
    (Phase.RCPT, 550, "5.1.0 rejected", Blame.MAILBOX),
    (Phase.RCPT, 550, "5.1.7 bad sender", Blame.SENDER),
    (Phase.RCPT, 550, "5.1.8 bad sender's system", Blame.SENDER),
    (Phase.RCPT, 550, "5.2.1 disabled", Blame.MAILBOX),
    (Phase.RCPT, 552, "5.2.2 full", Blame.MAILBOX),
    (Phase.RCPT, 452, "4.2.2 full", Blame.MAILBOX),
    (Phase.RCPT, 550, "5.4.1 access denied", Blame.MAILBOX),
    (Phase.RCPT, 550, "5.7.1 relaying denied", Blame.SENDER),
    (Phase.RCPT, 451, "4.7.1 greylisted", Blame.SENDER),
    (Phase.RCPT, 452, "4.5.3 too many recipients", Blame.CONNECTION),
    (Phase.RCPT, 555, "5.5.2 syntax error", Blame.MAILBOX),
    (Phase.RCPT, 503, "5.5.1 bad sequence", Blame.CONNECTION),
    (Phase.RCPT, 550, "no such user", Blame.MAILBOX),
    (Phase.RCPT, 554, "no", Blame.MAILBOX),
    (Phase.RCPT, 450, "busy", Blame.MAILBOX),
    (Phase.RCPT, 452, "no room", Blame.CONNECTION),
    # said at MAIL: about us
    (Phase.MAIL, 550, "5.1.1 who are you", Blame.SENDER),
    (Phase.MAIL, 553, "not yours", Blame.SENDER),
    (Phase.MAIL, 530, "5.7.0 log in", Blame.SENDER),
    (Phase.MAIL, 535, "5.1.1 odd", Blame.SENDER),
    (Phase.MAIL, 552, "5.3.4 too big", Blame.MESSAGE),
    (Phase.MAIL, 552, "too big", Blame.MESSAGE),
    (Phase.MAIL, 452, "4.3.1 no room", Blame.CONNECTION),
    (Phase.MAIL, 451, "try later", Blame.CONNECTION),
    # said after the dot: about the message, or about anything
    (Phase.END, 550, "5.1.1 user unknown", Blame.ADDRESS),
    (Phase.END, 554, "5.6.0 bad content", Blame.MESSAGE),
    (Phase.END, 552, "5.3.4 too big", Blame.MESSAGE),
    (Phase.END, 500, "5.5.2 line too long", Blame.MESSAGE),
    (Phase.END, 500, "line too long", Blame.MESSAGE),
    (Phase.END, 550, "5.7.26 unauthenticated", Blame.SENDER),
    (Phase.END, 550, "5.7.515 access denied", Blame.SENDER),
    (Phase.END, 554, "looks like spam", Blame.SENDER),
    (Phase.END, 452, "4.3.1 no room", Blame.CONNECTION),
    (Phase.END, 550, "5.3.2 not accepting", Blame.CONNECTION),
    # anywhere
    (Phase.RCPT, 421, "4.7.0 closing", Blame.CONNECTION),
    (Phase.END, 421, "5.1.1 closing", Blame.CONNECTION),
]


@pytest.mark.parametrize(("phase", "code", "text", "blame"), TABLE)
def test_a_refusal_is_blamed_on_whom_it_concerns(phase: Phase, code: int, text: str, blame: Blame) -> None:
    receipt = refusal(Reply(code, text), phase)

    assert receipt.blame is blame
    assert receipt.outcome is (Outcome.DEFERRED if code < 500 else Outcome.REFUSED)


@pytest.mark.parametrize("code", [220, 250, 354, -1])
def test_an_answer_out_of_turn_refuses_nothing_for_good(code: int) -> None:
    receipt = refusal(Reply(code, "huh"), Phase.RCPT)

    assert (receipt.outcome, receipt.blame, receipt.code) == (Outcome.DEFERRED, Blame.CONNECTION, None)


@pytest.mark.parametrize(
    ("reply", "enhanced"),
    [
        (Reply(550, "5.1.1 x"), "5.1.1"),
        (Reply(550, "5.1.1"), "5.1.1"),
        (Reply(450, "5.1.1 contradicts its code"), None),
        (Reply(550, "see 5.1.1"), None),
        (Reply(550, "5.1.1234"), None),
        (Reply(550, ""), None),
    ],
)
def test_an_enhanced_code_counts_at_the_beginning_and_in_agreement_only(reply: Reply, enhanced: str | None) -> None:
    assert reply.enhanced == enhanced


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"two\nlines\r\n", "two lines"),
        (b"\x1b]0;title\x07x\x00y\x9b", "]0;title x y\ufffd"),
        ("a\u202eb\u2028c\u200bd", "a b c d"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("é" * 1000, "é" * LONGEST_REPLY),
    ],
)
def test_words_of_others_become_harmless(raw: bytes | str, text: str) -> None:
    assert cleaned(raw) == text
