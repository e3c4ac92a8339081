"""Mail addresses: all spellings of one address are one, and what is no address goes nowhere, whatever it looks like."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture_cli.address import MAX_ADDRESS, MAX_LOCAL, Address, are_keys, email_and_key, normalise

ANN = "ann.lee+news@company.example"
SPELLINGS = [
    ANN,
    "Ann.Lee+News@company.example",
    "ANN.LEE+NEWS@COMPANY.EXAMPLE",
    "ann.lee+news@Company.Example",
    "aNN.lEE+nEWS@cOMPANY.eXAMPLE",
    " ann.lee+news@company.example",
    "ann.lee+news@company.example ",
    "   ann.lee+news@company.example   ",
    "\tann.lee+news@company.example\t",
    "\u00a0ann.lee+news@company.example\u00a0",
    "\ufeffann.lee+news@company.example",
    "\u200bann.lee+news@company.example",
    "ann.lee+news@company.example\u200b",
    "ann.lee+news@company.example\u200d",
    "\u2060ann.lee+news@company.example",
    "\u00adann.lee+news@company.example",
    "\u202aann.lee+news@company.example\u202c",
    "\u2066ann.lee+news@company.example\u2069",
    "\u200eann.lee+news@company.example\u200f",
    "\u3000ann.lee+news@company.example\u3000",
    "\u2003\u200b ann.lee+news@company.example \u200b\u2003",
    "ann.lee+news＠company.example",
    "ann.lee+news@company．example",
    "ann.lee+news@ｃｏｍｐａｎｙ.example",
    "ＡＮＮ.lee+news@company.example",
    "ann．lee+news@company.example",
    "ann.lee＋news@company.example",
    "𝐚𝐧𝐧.lee+news@company.example",
    "ⓐⓝⓝ.lee+news@company.example",
    "Ann.Lee+News@ＣＯＭＰＡＮＹ．ＥＸＡＭＰＬＥ\u00a0",
    "ann.lee+news@\uff43ompany.example",
]


def test_thirty_spellings_of_one_address_are_one() -> None:
    assert len(set(SPELLINGS)) >= 30
    assert {normalise(spelling).key for spelling in SPELLINGS} == {ANN}


def test_the_local_part_is_written_to_as_it_was_given_and_the_domain_in_small_letters() -> None:
    assert normalise("Ann.Lee@COMPANY.Example") == Address("Ann.Lee@company.example", "ann.lee@company.example")


def test_tags_and_dots_tell_people_apart() -> None:
    addresses = ["annlee@b.example", "ann.lee@b.example", "annlee+news@b.example", "ann.lee+news@b.example"]

    assert len({normalise(address).key for address in addresses}) == 4


@pytest.mark.parametrize(
    ("spelling", "domain"),
    [
        ("exämple.de", "xn--exmple-cua.de"),
        ("EXÄMPLE.de", "xn--exmple-cua.de"),
        ("exa\u0308mple.de", "xn--exmple-cua.de"),
        ("xn--exmple-cua.de", "xn--exmple-cua.de"),
        ("XN--EXMPLE-CUA.DE", "xn--exmple-cua.de"),
        ("exämple。de", "xn--exmple-cua.de"),
        ("mail.exämple.de", "mail.xn--exmple-cua.de"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("почта.рф", "xn--80a1acny.xn--p1ai"),
    ],
)
def test_both_forms_of_an_international_domain_are_one(spelling: str, domain: str) -> None:
    assert normalise(f"ann@{spelling}") == Address(f"ann@{domain}", f"ann@{domain}")


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "1@2.example",
        "o'brien@b.example",
        "!#$%&'*+-/=?^_`{|}~@b.example",
        "abuse@b.example",
        "ann@mailinator.com",
        "ann@a.b.c.d.e.example",
        "ann@1and1.example",
        "ann@b-c.example",
        "None@b.example",
        "=cmd@b.example",
        "-1@b.example",
        "ann@b.xn--p1ai",
    ],
)
def test_odd_addresses_that_mail_is_sent_to_are_taken(address: str) -> None:
    assert normalise(address) == Address(address, address.lower())


NO_ADDRESS = [
    ("", "no address"),
    ("   ", "no address"),
    ("\u200b", "no address"),
    ("ann", "needs an @"),
    ("@b.example", "There is nothing before the @"),
    ("ann@", "There is nothing after the @"),
    ("a@b@c.example", "one @, not several"),
    ("a@@b.example", "one @, not several"),
    ("a..b@c.example", "dot"),
    (".a@c.example", "dot"),
    ("a.@c.example", "dot"),
    ("a@x", "needs a dot"),
    ("a@localhost", "needs a dot"),
    ("a@-x.com", "not a valid name"),
    ("a@x-.com", "not a valid name"),
    ("a@x_y.com", "not a valid name"),
    ("a@b..example", "dot"),
    ("a@.b.example", "dot"),
    ("a@b.example.", "dot"),
    ("a@b.example;", "semicolon"),
    ("a b@c.example", "space"),
    ("a@b c.example", "space"),
    ("a@ b.example", "space"),
    ("a\tb@c.example", "U+0009"),
    ("a\u200bb@c.example", "U+200B"),
    ("ann@b\u200b.example", "U+200B"),
    ("a\u202eb@c.example", "U+202E"),
    ("a\0@b.example", "U+0000"),
    ("a\x1b[2J@b.example", "U+001B"),
    ("a\x7f@b.example", "U+007F"),
    ("a\x85b@c.example", "U+0085"),
    ("a\ud800b@c.example", "U+D800"),
    ("a\u2028b@c.example", "U+2028"),
    ("Ann <a@b.example>", "angle brackets"),
    ("<a@b.example>", "angle brackets"),
    ("Ann <a@b.example>, Bob <b@b.example>", "angle brackets"),
    ("a@b.example,b@b.example", "comma"),
    ("a@b.example, b@b.example", "comma"),
    ("mailto:a@b.example", "colon"),
    ('"quoted local"@b.example', "quoted"),
    ("user@[127.0.0.1]", "square brackets"),
    ("user@127.0.0.1", "number at the end"),
    ("user@b.1", "number at the end"),
    ("a(comment)@b.example", "Comments"),
    ("a@b.example(comment)", "Comments"),
    ("a\\@b.example", "backslash"),
    ("üser@x.de", "only ASCII"),
    ("а@b.example", "only ASCII"),
    ("a@b.example\r\nRCPT TO:<x@y.example>", "line break"),
    ("a@b.example\nBcc: x@y.example", "line break"),
    ("a@b.example\n", "line break"),
    ("\r\na@b.example", "line break"),
    ("a@b.example\r", "line break"),
    ("a@b\n.example", "line break"),
    ("a@b.example>\r\nRCPT TO:<evil@x.example", "line break"),
    ("a" * 65 + "@b.example", "longer than 64"),
    ("a@" + "b" * 64 + ".example", "not a valid name"),
    ("a@" + ".".join(["b" * 62] * 4) + ".example", "longer than 254"),
    ("a@xn--.example", "not a valid name"),
    ("a@xn--a\u00e4.example", "not a valid international name"),
    ("a@\u2764\ufe0f\u200d.example", "not a valid international name"),
]


@pytest.mark.parametrize(("text", "reason"), NO_ADDRESS, ids=[ascii(text)[:40] for text, _ in NO_ADDRESS])
def test_what_is_no_address_is_refused_with_a_reason_that_does_not_repeat_it(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("+", r"\+")) as raised:
        normalise(text)

    sentence = str(raised.value)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(text) < 9 or text not in sentence


def test_the_longest_parts_are_taken() -> None:
    local = "a" * MAX_LOCAL
    domain = ".".join(["b" * 60] * 3 + ["c" * (MAX_ADDRESS - MAX_LOCAL - 1 - 183)])
    assert len(f"{local}@{domain}") == MAX_ADDRESS
    assert normalise(f"{local}@{domain}").email == f"{local}@{domain}"
    assert normalise("a@" + "b" * 63 + ".example").key == "a@" + "b" * 63 + ".example"
    with pytest.raises(ValueError, match="longer than 254"):
        normalise(f"{local}@{domain}c")


def test_a_letter_whose_small_form_is_ascii_is_not_taken_for_it_unseen() -> None:
    # The Kelvin sign: its small form and its compatible form are both a k.
    assert normalise("\u212aay@b.example") == Address("Kay@b.example", "kay@b.example")
    with pytest.raises(ValueError, match="only ASCII"):
        normalise("ay\u0130@b.example")


_LOCALS = st.text(st.sampled_from("abzAZ09.+-_'=\u00a0\u200b ü＋\u212a"), min_size=1, max_size=12)
_DOMAINS = st.lists(st.text(st.sampled_from("abzAZ09-äßДя\u0301。ﬀ"), min_size=1, max_size=8), min_size=1, max_size=3)
_LIKELY = st.builds(
    lambda edge, local, domain, top: f"{edge}{local}@{'.'.join([*domain, top])}{edge}",
    st.sampled_from(["", " ", "\ufeff", "\n"]),
    _LOCALS,
    _DOMAINS,
    st.sampled_from(["example", "de", "рф", "xn--p1ai", "C"]),
)


@given(st.one_of(_LIKELY, st.text(max_size=60)))
@example("a@exämple.de")
@example("ann@xn--exmple-cua.de")
@example("a@ＸＮ--p1ai.example")
@example("\u212a@b.example")
def test_what_is_taken_is_fit_for_a_mail_server_and_normal_for_ever(text: str) -> None:
    try:
        found = normalise(text)
    except ValueError:
        return

    local, _, domain = found.email.rpartition("@")
    assert found.email.isascii()
    assert found.email.isprintable()
    assert not set(found.email) & set(' <>,;:"()[]\\')
    assert 0 < len(local) <= MAX_LOCAL
    assert len(found.email) <= MAX_ADDRESS
    assert domain == domain.lower()
    assert found.key == found.email.lower()
    assert normalise(found.email) == found, "idempotent"
    assert normalise(found.key) == Address(found.key, found.key)
    assert normalise(f" {text.upper()}\ufeff".upper()).key == found.key or not text.isascii()


@given(st.lists(st.one_of(_LIKELY, st.sampled_from([ANN, "ANN@b.example", "a@b", "a--b@c.example"])), min_size=1))
def test_the_quick_look_at_many_never_takes_what_the_close_look_would_change(texts: list[str]) -> None:
    if are_keys(texts):
        assert [email_and_key(text) for text in texts] == [(text, text) for text in texts]


def test_the_quick_look_takes_plain_addresses() -> None:
    assert are_keys([ANN, "bob@b.example"])
    for other in ("Bob@b.example", "bob", "bob@b.example ", "bob@xn--exmple-cua.de", "a" * 65 + "@b.example"):
        assert not are_keys([ANN, other])


@given(st.sampled_from(SPELLINGS), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_unicode_makes_no_difference(spelling: str, form: str) -> None:
    assert normalise(unicodedata.normalize(form, spelling)).key == ANN  # type: ignore[arg-type]
