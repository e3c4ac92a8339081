"""The bytes of a letter: whatever is put in, the structure is ours."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nurture_cli.message.email import Letter, _check, assembled, encoded, frame, list_id
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.headers import cleaned
from nurture_cli.message.unsubscribe import Unsubscribe, ways_out
from tests.examples import examples
from tests.message.workshop import ANN, AT, Workshop, asset, config, part

FRAME = frame(config())
LETTER = Letter(
    display="Ann Miller",
    address="ann@plant.example",
    subject="Hello",
    at=AT,
    message_id="abc@news.acme.example",
    unsubscribe=Unsubscribe("https://acme.example/u/t", "mailto:leave@acme.example"),
    text="Hi\n",
    html="<p>Hi</p>\n",
)
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "X-Nurture-Touch", "MIME-Version", "Content-Type",
]  # fmt: skip

ODD = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\x0b\x0c\x85\u2028\0\t .=-ä日")), max_size=400)


def head_of(data: bytes) -> list[bytes]:
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_the_header_fields_are_these_each_once() -> None:
    data, _ = assembled(FRAME, LETTER)

    assert [line.partition(b":")[0].decode() for line in head_of(data) if line[:1] not in b" \t"] == NAMES


def test_a_letter_reads_as_it_was_meant() -> None:
    data, _ = assembled(FRAME, LETTER)

    assert data.decode() == (
        "From: Ines Weber <ines@news.acme.example>\r\n"
        "To: Ann Miller <ann@plant.example>\r\n"
        "Subject: Hello\r\n"
        "Date: Tue, 03 Mar 2026 09:00:00 +0000\r\n"
        "Message-ID: <abc@news.acme.example>\r\n"
        "Reply-To: ines@acme.example\r\n"
        "List-Id: <acme-news.news.acme.example>\r\n"
        "List-Unsubscribe: <https://acme.example/u/t>, <mailto:leave@acme.example>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "X-Nurture-Touch: abc\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        ' boundary="=_abc"\r\n'
        "\r\n"
        "--=_abc\r\n"
        'Content-Type: text/plain; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Hi\r\n"
        "\r\n"
        "--=_abc\r\n"
        'Content-Type: text/html; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "<p>Hi</p>\r\n"
        "\r\n"
        "--=_abc--\r\n"
    )


def test_text_alone_is_one_part() -> None:
    data, _ = assembled(FRAME, replace(LETTER, html=None))
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)

    assert mail.get_content_type() == "text/plain"
    assert part(mail, "plain") == "Hi\n"


@given(ODD)
@example("." * 3)
@example(".\n.\n..x\n")
@example("From me\n")
@example("x" * 2000)
@example("ä" * 2000)
@example("trailing \t \n \n")
@example("=3D=\n=\n")
@example("--=_abc\n--=_abc--\n")
@settings(max_examples=examples(200))
def test_a_body_comes_back_as_it_was(text: str) -> None:
    data, _ = assembled(FRAME, replace(LETTER, text=text, html=text))
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    normal = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    normal = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", normal)
    expected = normal if normal.endswith("\n") else normal + "\n"
    raw = [payload.get_payload(decode=True) for payload in mail.iter_parts()]

    assert [one.decode().replace("\r\n", "\n") for one in raw] == [expected, expected]  # type: ignore[union-attr]


@given(ODD)
@example("x" * 2000)
@example("日" * 2000)
@example(" " * 500)
@settings(max_examples=examples(200))
def test_lines_are_short_and_end_in_crlf(text: str) -> None:
    _, data = encoded(text)

    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 76
    assert not re.search(rb"[ \t]\r\n", data)
    assert b"\0" not in data


def test_much_that_is_not_ascii_is_sent_as_base64_and_little_as_quoted_printable() -> None:
    assert encoded("日本語の手紙")[0] == "base64"
    assert encoded("Grüße aus Hamburg, und noch etwas mehr")[0] == "quoted-printable"


@given(ODD, ODD)
@settings(max_examples=examples(200))
def test_no_name_and_no_subject_adds_a_header(name: str, subject: str) -> None:
    data, _ = assembled(FRAME, replace(LETTER, display=cleaned(name), subject=cleaned(subject)))
    mail = email.message_from_bytes(data, policy=email.policy.compat32)

    assert mail.keys() == NAMES
    assert mail.defects == []
    assert data.count(b"ann@plant.example") >= 1


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\0"])
@pytest.mark.parametrize("shape", ["{}Bcc: evil@x.example", "a{}Bcc: evil@x.example", "a{}", "a{}{}Bcc: e", "a{} b"])
@pytest.mark.parametrize("field", ["first_name", "last_name", "company"])
def test_a_line_break_in_a_fact_never_makes_a_header(sign: str, shape: str, field: str) -> None:
    shop = Workshop()
    facts: dict[str, Any] = {field: shape.replace("{}", sign)}
    contact = replace(ANN, **facts)
    subject = f'"Hello {{{{ contact.{field} }}}}, you"'
    data = shop.outgoing("Hi {{ contact." + field + " }}", contact, subject=subject).data
    mail = email.message_from_bytes(data, policy=email.policy.compat32)

    assert mail.keys() == NAMES
    assert not any(line.startswith(b"Bcc") for line in head_of(data))
    assert len(email.message_from_bytes(data, policy=email.policy.default)["To"].addresses) == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: c@d.example", "a@b.example\n", "\na@b.example", "a@b.example>\r\nRCPT TO:<x@y.example",
        "a@b.example, c@d.example", "a@b@c.example", "<a@b.example>", "Ann <a@b.example>", "a b@c.example",
        "@b.example", "a@", "a", "", "a@b", "a..b@c.example", ".a@b.example",
        "a@-b.example", "a@b.example.", "ä@b.example",
        "a@ä.example", '"a"@b.example', "a@[127.0.0.1]", "a@b.example;", "a\0@b.example", "a@b.example\u2028",
        "a\u200b@b.example", "x" * 65 + "@b.example", "a@" + "b" * 260 + ".example", "a@b.example\x85", " a@b.example",
    ],
)  # fmt: skip
def test_no_mail_goes_to_what_is_not_one_address(address: str) -> None:
    with pytest.raises(RenderError) as caught:
        Workshop().outgoing("Hi", replace(ANN, email=address))

    assert caught.value.reason is Flaw.BAD_ADDRESS
    assert "example" not in caught.value.sentence.replace("company.example", "")  # an address is not repeated


@given(st.integers(min_value=20, max_value=900), st.data())
@settings(max_examples=examples(150))
def test_the_link_to_unsubscribe_arrives_byte_for_byte_on_one_line(length: int, data: st.DataObject) -> None:
    signs = st.text(st.sampled_from("abcXYZ019-._~/?&=%+,;:@!$'()*#[]"), min_size=length, max_size=length)
    url = ("https://a.example/" + data.draw(signs))[:length]
    if "%" in url:
        url = url.replace("%", "x")
    sent, _ = assembled(FRAME, replace(LETTER, unsubscribe=Unsubscribe(url, "mailto:leave@acme.example?subject=x")))
    line = next(line for line in head_of(sent) if line.startswith(b"List-Unsubscribe:"))

    assert f"<{url}>".encode() in line
    assert line.startswith(b"List-Unsubscribe: <https://")
    assert len(line) <= 998
    assert b"=?" not in line.replace(url.encode(), b"")


@pytest.mark.parametrize("length", range(20, 901, 40))
def test_an_unsubscribe_link_of_any_length_to_900_is_made(length: int) -> None:
    sender = replace(config().sender, unsubscribe_url="https://a.e/{token}".ljust(length - 25, "x"))
    ways = ways_out(sender, "t" * 32)

    assert ways.url is not None
    assert ways.url.startswith("https://a.e/tttt")
    assert f"<{ways.url}>" in ways.fields()[0]
    assert len(ways.fields()[0]) <= 998


def test_the_final_check_notices_what_is_not_as_it_was_meant() -> None:
    head, names = b"From: a@b.c\r\nTo: x@y.z\r\nSubject: s", [b"From", b"To", b"Subject"]
    _check(head, names, b"x@y.z")

    for wrong, expected in (
        (head.replace(b"s", b"s\nBcc: e"), names),
        (head.replace(b"Subject: s", b"Subject: s\r\nBcc: e@f.g"), names),
        (head.replace(b"From: a@b.c", b"From: a@b.c\r\n "), names),
        (head.replace(b"s", b"s" * 999), names),
        (head, [*names, b"Date"]),
        (head.replace(b"x@y.z", b"x@y.z, q@r.s"), names),
        (head.replace(b"x@y.z", b"Bob, x@y.z <x@y.z>"), names),
        (head.replace(b"x@y.z", b"q@r.s"), names),
        (head + b"\r\nFrom: d@e.f", [*names, b"From"]),
        (head + b"\0", names),
    ):
        with pytest.raises(RenderError) as caught:
            _check(wrong, expected, b"x@y.z")
        assert caught.value.reason is Flaw.MALFORMED


def test_a_field_that_is_not_ascii_is_not_sent() -> None:
    with pytest.raises(RenderError) as caught:
        assembled(replace(FRAME, list_id="List-Id: <ä>"), LETTER)

    assert caught.value.reason is Flaw.MALFORMED


def test_the_digest_leaves_out_the_date_alone() -> None:
    first, digest = assembled(FRAME, LETTER)
    second, later = assembled(FRAME, replace(LETTER, at=AT + 99999))

    assert first != second
    assert digest == later
    for change in ({"subject": "x"}, {"display": "x"}, {"text": "x"}, {"html": "x"}, {"message_id": "x@y"}):
        assert assembled(FRAME, replace(LETTER, **change))[1] != digest  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Acme News!", "acme-news.news.acme.example"),
        ("Größe", "gr-e-"),
        ("日本", ""),
        ("x" * 200, "x" * 60 + ".news.acme.example"),
    ],
)
def test_the_list_id_is_a_stable_name_of_the_project(name: str, label: str) -> None:
    made = list_id(replace(config(), name=name))

    assert made.startswith(label)
    assert re.fullmatch(r"[a-z0-9-]+\.news\.acme\.example", made)
    assert made == list_id(replace(config(), name=name))


def test_text_comes_first_and_both_parts_say_the_same() -> None:
    mail = Workshop().mail("Hello **{{ contact.first_name }}**")

    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "Hello Ann\n" in part(mail, "plain")
    assert "Hello <strong>Ann</strong>" in part(mail, "html")


def test_a_text_asset_is_plain_text_only() -> None:
    mail = Workshop().mail(asset("Hello <{{ contact.first_name }}>\n\n  as is", suffix="txt"))

    assert mail.get_content_type() == "text/plain"
    assert part(mail, "plain").startswith("Hello <Ann>\n\n  as is\n")
