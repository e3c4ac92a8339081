"""Header values: what was meant comes back, and no line is longer than it may be."""

from __future__ import annotations

import re
from email.header import decode_header

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nurture_cli.message.headers import cleaned, mailbox, shows_something, unstructured
from tests.examples import examples

# Everything a person may type or paste, with much of what mail programs stumble over.
NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("  \t\r\n\x0b\x0c\x85\u2028\u2029\x00\x1b,;:<>@\"'\\()[]=?_äß日本😀")),
    max_size=150,
)
NOT_SENT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def unfolded(field: str) -> str:
    """The value of a field, as a receiver puts its lines together."""
    assert not re.search(r"(?<!\r)\n|\r(?!\n[ \t]\S)", field)
    return field.replace("\r\n", "").partition(":")[2].removeprefix(" ")


def decoded(value: str) -> str:
    """A value with its encoded words read."""
    return "".join(
        part.decode(charset or "ascii") if isinstance(part, bytes) else part for part, charset in decode_header(value)
    )


@given(NASTY)
def test_a_cleaned_text_is_one_line_without_controls(text: str) -> None:
    line = cleaned(text)

    assert not NOT_SENT.search(line)
    assert not re.search(r"[\r\n\t]|  |^ | $", line)
    assert cleaned(line) == line


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\0", "\x1b", "\x7f"])
def test_line_breaks_and_controls_become_blanks(sign: str) -> None:
    assert cleaned(f"{sign}a{sign}b{sign}") == "a b"


@given(NASTY.map(cleaned).filter(bool))
@example("x" * 600)
@example("Ä" * 300)
@example("a =?utf-8?q?b?= c")
@example("=?utf-8?b?8J+YgA==?=")
@example("word " * 60 + "ende")
@example("x" * 60 + " " + "y" * 80)
@settings(max_examples=examples(400))
def test_a_subject_comes_back_as_it_was(text: str) -> None:
    field = unstructured("Subject", text)

    assert field.isascii()
    assert decoded(unfolded(field)) == text
    assert "?==?" not in field
    assert not re.search(r"=\?utf-8\?[bq]\?\?=", field)
    assert all(len(line) <= 76 or " " not in line.strip().removeprefix("Subject: ") for line in field.split("\r\n"))


@given(NASTY.map(cleaned))
@example("Smith, Bob")
@example('"Bob" <bob@evil.example>, x')
@example("a\\")
@example("evil@example.com, b")
@example("O'Brien (Sales)")
@settings(max_examples=examples(400))
def test_a_display_name_comes_back_beside_one_address(name: str) -> None:
    field = mailbox("To", name, "ann@plant.example")
    value = unfolded(field)

    assert field.isascii()
    assert max(map(len, field.split("\r\n"))) <= 76
    if not name or len(name) > 100:
        assert value == "ann@plant.example"
        return
    phrase, _, rest = value.rpartition(" <")
    assert rest == "ann@plant.example>"
    if phrase.startswith('"'):
        assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', phrase)
        assert re.sub(r"\\(.)", r"\1", phrase[1:-1]) == name
    else:
        assert not re.search(r'[,;:<>@"\\()\[\].]', phrase)
        assert decoded(phrase) == name


def test_a_long_address_moves_to_a_line_of_its_own() -> None:
    address = "a" * 64 + "@" + "b" * 60 + ".example"

    assert mailbox("To", "Ann", address) == f"To: Ann\r\n <{address}>"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u200b\u00a0\ufeff", "\u2003", "\u202e"])
def test_nothing_visible_shows_nothing(text: str) -> None:
    assert not shows_something(text)


@pytest.mark.parametrize("text", ["a", "  -  ", "日", "😀", "\u200bx"])
def test_something_visible_shows_something(text: str) -> None:
    assert shows_something(text)
