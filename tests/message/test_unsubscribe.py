"""The ways out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nurture_cli.keys import Keys
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.unsubscribe import ways_out
from tests.message.workshop import ANN, Workshop, config, part

SENDER = config().sender


def test_both_ways_carry_the_token_and_the_page_comes_first() -> None:
    ways = ways_out(SENDER, "TOK")

    assert ways.fields() == (
        "List-Unsubscribe: <https://acme.example/leave/TOK?a=1&b=2>, "
        "<mailto:leave@acme.example?subject=unsubscribe%20TOK>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    )
    assert ways.link == "https://acme.example/leave/TOK?a=1&b=2"


def test_by_mail_alone_there_is_no_one_click() -> None:
    ways = ways_out(replace(SENDER, unsubscribe_url=None), "TOK")

    assert ways.fields() == ("List-Unsubscribe: <mailto:leave@acme.example?subject=unsubscribe%20TOK>",)
    assert ways.link == "mailto:leave@acme.example?subject=unsubscribe%20TOK"


def test_one_click_needs_https() -> None:
    ways = ways_out(replace(SENDER, unsubscribe_url="http://127.0.0.1:8000/{token}"), "TOK")

    assert len(ways.fields()) == 1


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("leave+{token}@acme.example", "mailto:leave+TOK@acme.example"),
        ("mailto:leave@acme.example", "mailto:leave@acme.example?subject=unsubscribe%20TOK"),
        ("leave@acme.example?body=x", "mailto:leave@acme.example?body=x&subject=unsubscribe%20TOK"),
    ],
)
def test_the_mail_address_may_bring_its_own_place_for_the_token(given: str, made: str) -> None:
    assert ways_out(replace(SENDER, unsubscribe_url=None, unsubscribe_mailto=given), "TOK").mailto == made


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ({"unsubscribe_url": None, "unsubscribe_mailto": None}, Flaw.NO_UNSUBSCRIBE),
        ({"unsubscribe_url": "https://acme.example/leave"}, Flaw.NO_UNSUBSCRIBE),
        ({"unsubscribe_url": "https://acme.example/{token}" + "x" * 900}, Flaw.TOO_LONG),
        ({"unsubscribe_mailto": "x" * 900 + "@acme.example"}, Flaw.TOO_LONG),
        ({"unsubscribe_url": "https://acme.example/{token}\r\nBcc: x"}, Flaw.BAD_LINK),
        ({"unsubscribe_url": "https://acme.example/ä/{token}"}, Flaw.BAD_LINK),
        ({"unsubscribe_url": "https://acme.example/>, <{token}"}, Flaw.BAD_LINK),
        ({"unsubscribe_url": "https://acme.example/{token}/{more}"}, Flaw.BAD_LINK),
        ({"unsubscribe_url": "javascript:alert({token})"}, Flaw.BAD_LINK),
        ({"unsubscribe_url": "/leave/{token}"}, Flaw.BAD_LINK),
    ],
)
def test_without_a_way_out_that_works_there_is_no_mail(sender: dict[str, str | None], reason: Flaw) -> None:
    with pytest.raises(RenderError) as caught:
        Workshop().sending(**sender).outgoing("Hi")

    assert caught.value.reason is reason


def test_a_mail_address_that_does_not_fit_beside_the_page_is_left_out() -> None:
    ways = ways_out(replace(SENDER, unsubscribe_url="https://a.example/{token}".ljust(860, "x")), "t" * 40)

    assert ways.url is not None
    assert ways.fields()[0] == f"List-Unsubscribe: <{ways.url}>"


def test_the_token_in_the_mail_is_the_contacts_own() -> None:
    mail = Workshop().mail("Hi")
    token = mail["List-Unsubscribe"].partition("/leave/")[2].partition("?")[0]

    assert Keys(b"s" * 32).unsubscribed_address(token) == ANN.address_hash
    assert token in part(mail, "plain")
    assert token in part(mail, "html")
    assert f"subject=unsubscribe%20{token}" in mail["List-Unsubscribe"]
