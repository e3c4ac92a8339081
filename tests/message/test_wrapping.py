"""The text part has lines that every program can show, and says all that the HTML part says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.keys import Keys
from nurture_cli.message.wrapping import WIDTH, wrapped
from tests.message.workshop import ANN, AT, KEY, Workshop, asset, part

SHOP = Workshop()
WORDS = "The day we switched it on, two vendors called to ask why their old way did not work any more"
FIRST = WORDS.removesuffix(" not work any more")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (WORDS, f"{FIRST}\nnot work any more"),
        (f"- {WORDS}", f"- {FIRST}\n  not work any more"),
        (f"10. {WORDS}", f"10. {FIRST.removesuffix(' did')}\n    did not work any more"),
        (f"> {WORDS}", f"> {FIRST}\n> not work any more"),
        (f"    {WORDS}", f"    {WORDS}"),
        (f"- a\n  - {WORDS}", f"- a\n  - {FIRST.removesuffix(' did')}\n    did not work any more"),
        (f"a | b\n--- | ---\n{WORDS} | x", f"a | b\n{WORDS} | x"),
        (f"Page: https://a.example/{'x' * 80}", f"Page: https://a.example/{'x' * 80}"),
        (f"This is it: https://a.example/{'x' * 80}, read it", f"This is it:\nhttps://a.example/{'x' * 80},\nread it"),
        ("x" * 200, "x" * 200),
    ],
)  # fmt: skip
def test_long_lines_are_broken_where_a_reader_would(body: str, text: str) -> None:
    assert SHOP.text(body) == text


def test_what_a_contact_wrote_is_wrapped_with_the_rest() -> None:
    text = SHOP.text("We have followed the news about {{ contact.company }} and think that we can help you there.")

    assert [len(line) <= WIDTH for line in text.split("\n")] == [True, True]


def test_lines_that_were_written_as_text_stay_as_they_are() -> None:
    assert SHOP.text(asset(f"{WORDS}\n  {WORDS}", suffix="txt")).startswith(f"{WORDS}\n  {WORDS}")


def test_long_lines_of_the_layout_are_wrapped_too() -> None:
    text = part(SHOP.sending(permission_reminder=f"Well. {WORDS}").mail(asset(WORDS, suffix="txt")), "plain")

    assert text.startswith(f"{WORDS}\n")
    assert "called to ask why their old way\ndid not work any more\nUnsubscribe: https://" in text


def test_a_webhook_gets_whole_paragraphs_and_nobody_sees_a_mark() -> None:
    made = asset(f"{WORDS}\n\n    code", channel="hook")
    data = SHOP.renderer.document(made, ANN, key=KEY, at=AT).data

    assert json.loads(data)["text"] == f"{WORDS}\n\n    code"


def test_both_parts_say_the_same_with_the_same_footer() -> None:
    mail = SHOP.mail(WORDS)

    for words in (*WORDS.split(), "Ines Weber", "20457 Hamburg", "You receive this email because",
                  Keys(b"s" * 32).unsubscribe_token(ANN.address_hash, KEY)):  # fmt: skip
        assert words in part(mail, "plain")
        assert words in part(mail, "html")


@given(st.text("aö中 \n", max_size=400))
def test_no_word_is_lost_and_no_line_is_long_but_for_one_word(text: str) -> None:
    made = wrapped(text)

    assert made.split() == text.split()
    assert all(len(line) <= WIDTH or line.count(" ") < 2 for line in made.split("\n"))
