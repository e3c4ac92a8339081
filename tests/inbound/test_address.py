from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.address import Address, are_keys, email_and_key, normalise
from nurture_cli.keys import Keys

SPELLINGS = [
    "ann@company.example", "Ann@company.example", "ANN@COMPANY.EXAMPLE", "ann@Company.Example", " ann@company.example",
    "ann@company.example ", "\tann@company.example", "ann@company.example\t", "\u00a0ann@company.example",
    "ann@company.example\u00a0", "\u200bann@company.example", "ann@company.example\u200b", "\ufeffann@company.example",
    "ann@company.example\ufeff", "\u200eann@company.example\u200f", "\u202aann@company.example\u202c",
    "\u2060ann@company.example", "\u3000ann@company.example", "ann@company.example\u00ad", "ann@company\uff0eexample",
    "ann\uff20company.example", "\uff41\uff4e\uff4e@company.example", "ann@\uff43ompany.example", "aNN@company.example",
    "\u2066ann@company.example\u2069", "  \u200b ann@company.example \u200b ", "ann@company\u3002example",
    "\u202fann@company.example", "ann@COMPANY.example", "\u200dann@company.example",
]  # fmt: skip

WRONG = {
    "": "There is no address",
    " ": "There is no address",
    "ann": "needs an @",
    "@": "There is nothing before",
    "@company.example": "There is nothing before",
    "ann@": "There is nothing after",
    "a@b@c": "one @",
    "a@b@company.example": "one @",
    "a..b@company.example": "dot",
    ".a@company.example": "dot",
    "a.@company.example": "dot",
    "ann@company": "needs a dot",
    "ann@io": "needs a dot",
    "ann@.company.example": "dot",
    "ann@company..example": "dot",
    "ann@company.example.": "dot",
    "ann@-company.example": "not a valid name",
    "ann@company-.example": "not a valid name",
    "ann@comp_any.example": "not a valid name",
    "ann@company.123": "not a valid name",
    "ann@255.255.255.255": "not a valid name",
    "ann@company.e": "not a valid name",
    "a b@company.example": "space",
    "ann @company.example": "space",
    "ann@ company.example": "space",
    "Ann <ann@company.example>": "angle brackets",
    "<ann@company.example>": "angle brackets",
    "Ann <ann@company.example>, Bob <bob@company.example>": "angle brackets",
    "ann@company.example,bob@company.example": "comma",
    "ann@company.example;": "semicolon",
    "ann@company.example; bob@company.example": "semicolon",
    '"ann"@company.example': "quoted",
    '"a b"@company.example': "quoted",
    "ann(comment)@company.example": "Comments",
    "ann@(comment)company.example": "Comments",
    "ann@[127.0.0.1]": "address literal",
    "ann@[IPv6:::1]": "address literal",
    "test\\@test@company.example": "backslash",
    "mailto:ann@company.example": "colon",
    "a@b.example\r\nRCPT TO:<x>": "line break",
    "a@b.example\nBcc: x@y.example": "line break",
    "ann@company.example\n": "line break",
    "\r\nann@company.example": "line break",
    "ann\x00@company.example": "U+0000",
    "ann@company.example\x07": "U+0007",
    "an\u200bn@company.example": "U+200B",
    "ann@comp\u200bany.example": "U+200B",
    "ann@comp\u00adany.example": "U+00AD",
    "üser@company.example": "before the @",
    "用户@company.example": "before the @",
    "a" * 65 + "@company.example": "longer than 64",
    "a@" + ".".join(["b" * 63] * 4) + ".example": "longer than 254",
    "ann@" + "b" * 64 + ".example": "not a valid name",
    "ann@☃.example": "international name",
    "ann@xn--99zzzz.example": "international name",
    "ann@ab--c.example": "international name",
}

RIGHT = [
    "a@b.example", "first.last@company.example", "o'brien@company.example", "ann+news@company.example",
    "!#$%&`*+/=?^_`{|}~@company.example", "123@company.example", "ann@123.example", "ann@c--n.example",
    "ann@mason-dixon.example", "a" * 64 + "@company.example", "ann@iana.co-uk", "ann@sub.sub.sub.example",
    "ann@house.test", "ann@" + "b" * 63 + ".example", "_@company.example", "-@company.example",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_thirty_spellings_are_one_address(spelling: str) -> None:
    found = normalise(spelling)

    assert found.key == "ann@company.example"
    assert found.email.lower() == "ann@company.example"


def test_there_are_thirty_spellings() -> None:
    assert len(set(SPELLINGS)) == 30


@pytest.mark.parametrize(("text", "words"), WRONG.items(), ids=lambda text: ascii(text)[:40])
def test_what_is_no_address_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("+", r"\+")) as refusal:
        normalise(text)

    assert str(refusal.value).endswith(".")
    assert len(text) < 4 or text not in str(refusal.value)  # a log may repeat the reason, never the address


@pytest.mark.parametrize("text", RIGHT)
def test_an_unusual_address_is_taken_as_it_is(text: str) -> None:
    assert normalise(text) == Address(text, text.lower())


def test_the_local_part_keeps_its_case_for_sending_only() -> None:
    assert normalise("Ann.Lee@Company.Example") == Address("Ann.Lee@company.example", "ann.lee@company.example")


def test_a_tag_and_dots_make_another_address() -> None:
    keys = {normalise(text).key for text in ("ann@x.example", "ann+news@x.example", "a.nn@x.example")}

    assert len(keys) == 3


@pytest.mark.parametrize(
    "spelling",
    ["ann@exämple.de", "ann@EXÄMPLE.de", "ann@exa\u0308mple.de", "ann@xn--exmple-cua.de", "ANN@XN--EXMPLE-CUA.DE"],
)
def test_a_domain_beyond_ascii_is_its_encoded_form(spelling: str) -> None:
    assert normalise(spelling).key == "ann@xn--exmple-cua.de"


def test_a_letter_whose_small_form_is_ascii_does_not_slip_through() -> None:
    # The Kelvin sign becomes an ordinary k when it is made small.
    assert normalise("\u212aim@company.example").email == "Kim@company.example"


@given(st.text(max_size=80))
def test_whatever_is_accepted_is_ascii_and_in_one_piece(text: str) -> None:
    try:
        found = normalise(text)
    except ValueError:
        return
    assert found.email.isascii()
    assert not any(sign.isspace() or not sign.isprintable() or sign in '<>,;:"()[]\\' for sign in found.email)
    assert found.email.count("@") == 1
    assert normalise(found.email) == found
    assert normalise(found.key).key == found.key


@given(st.from_regex(r"[A-Za-z.+-]{1,8}@([a-zA-Z-]{1,6}\.){1,2}[a-z-]{1,4}", fullmatch=True))
def test_the_quick_way_and_the_close_look_agree(text: str) -> None:
    def outcome(text: str) -> object:
        try:
            return email_and_key(text)
        except ValueError:
            return None

    assert outcome(text) == outcome(f" {text}")  # a blank makes it take the close look
    if are_keys([text]):
        assert outcome(text) == (text, text)


def test_hashes_for_many_are_hashes_for_one() -> None:
    keys = Keys(bytes(range(32)))
    many = keys.address_hasher()

    assert [many(key) for key in RIGHT] == [keys.address_hash(key) for key in RIGHT]
