"""Links are found where a mail program would find them, and judged as it would."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.check.links import IN_PICTURES, links, trouble


def asset(body: str, form: BodyFormat = BodyFormat.MARKDOWN) -> Asset:
    return Asset(
        name="hello",
        file="templates/hello.md",
        hash="",
        span=Span("templates/hello.md", 1, 1, 1),
        title="Hello",
        kind="article",
        stages=(),
        topics=(),
        roles=(),
        channel="mail",
        subject="Hello",
        preheader="",
        link=None,
        expires=None,
        variant_of=None,
        format=form,
        body=body,
        body_line=5,
    )


def found(body: str, form: BodyFormat = BodyFormat.MARKDOWN) -> list[str]:
    return [link for link, _, _ in links(asset(body, form))]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[a](https://x.example/b)", ["https://x.example/b"]),
        ('[a](https://x.example/b "title")', ["https://x.example/b"]),
        ("[a](<https://x.example/b c>)", ["https://x.example/b c"]),
        ("[a](https://x.example/b_(c))", ["https://x.example/b_(c)"]),
        ("[a]({{ asset.link }})", ["{{ asset.link }}"]),
        ('[a]({{ contact.company | default("you") }})', ['{{ contact.company | default("you") }}']),
        ("[a \\] b](c)", ["c"]),
        ("![picture](data:image/png;base64,AA)", ["data:image/png;base64,AA"]),
        ("[a][1]\n\n[1]: /there", ["/there"]),
        ("<javascript:alert(1)>", ["javascript:alert(1)"]),
        ("[a]()", [""]),
        ("a list [ ] and (brackets)", []),
        ("write `[a](b)` or ``[c](d)`` for [e](f)", ["f"]),
        ("```\n[a](b)\n```\n[c](d)", ["d"]),
        ("~~~\n[a](b)\n", []),
    ],
)
def test_links_in_markdown_are_found(body: str, expected: list[str]) -> None:
    assert found(body) == expected


def test_links_in_html_are_found_in_any_quotes() -> None:
    body = "<a href=\"/one\">1</a> <A HREF = '/two'>2</A> <a href=/three>3</a> <img src='cid:x'> <a data-href='/no'>"

    assert found(body, BodyFormat.HTML) == ["/one", "/two", "/three", "cid:x"]


def test_a_link_is_placed_by_line_and_column_of_the_file() -> None:
    (_, span, _), *rest = links(asset("Hello,\n\nread [on](/there) now."))

    assert (span.line, span.col, span.end) == (7, 11, 17)
    assert not rest


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "HTTPS://example.com/a?b=c#d",
        "http://example.com:8080/",
        "https://{{ contact.company }}.example.com/",
        "{{ asset.link }}?from=mail",
        " {{ unsubscribe_url }}",
        "mailto:ines@example.com",
        "tel:+49301234",
        "#prices",
    ],
)
def test_a_link_that_works_in_a_mail_is_fine(link: str) -> None:
    assert trouble(link) is None


@pytest.mark.parametrize(
    ("link", "word"),
    [
        ("", "nowhere"),
        ("  ", "nowhere"),
        ("#", "nowhere"),
        ("/guide", "relative"),
        ("guide.html", "relative"),
        ("?page=2", "relative"),
        ("//evil.example", "protocol"),
        ("\\\\evil.example", "protocol"),
        ("/\\evil.example", "protocol"),
        ("javascript:alert(1)", "javascript:"),
        ("JaVaScRiPt:alert(1)", "javascript:"),
        ("java\tscript:alert(1)", "javascript:"),
        ("\x01javascript:alert(1)", "javascript:"),
        ("&#106;avascript:alert(1)", "javascript:"),
        ("javascript&colon;alert(1)", "javascript:"),
        ("data:text/html,<b>", "data:"),
        ("vbscript:x", "vbscript:"),
        ("file:///etc/passwd", "file:"),
        ("https://user:secret@example.com/", "password"),
        ("https://www.example.com@evil.example/", "password"),
        ("https:evil.example", "host"),
        ("https:/evil.example", "host"),
        ("https:///evil.example", "host"),
        ("https:\\\\evil.example", "host"),
        ("https://good.example\\@evil.example", "host"),
    ],
)
def test_a_link_that_does_not_work_or_does_harm_is_told_why(link: str, word: str) -> None:
    wrong = trouble(link)

    assert wrong is not None
    assert word in wrong


def test_a_picture_may_travel_with_the_mail_but_not_stand_in_it() -> None:
    assert trouble("cid:logo", IN_PICTURES) is None
    assert trouble("cid:logo") is not None
    assert trouble("data:image/png;base64,AA", IN_PICTURES) is not None
