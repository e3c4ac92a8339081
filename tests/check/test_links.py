"""Links are found where a mail program would find them, and judged as it would."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.check.links import bad_links

MARKDOWN, HTML, TEXT = BodyFormat.MARKDOWN, BodyFormat.HTML, BodyFormat.TEXT


def found(body: str, form: BodyFormat = MARKDOWN) -> list[str]:
    return [body[start:end] for _, start, end in bad_links(body, form)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[a](/b)", ["/b"]),
        ('[a](/b "title")', ["/b"]),
        ("[a](</b c>)", ["/b c"]),
        ("[a](/b_(c))", ["/b_(c)"]),
        ("[a]( /b )", ["/b"]),
        ("[a \\] b](c)", ["c"]),
        ("![picture](data:image/png;base64,AA)", ["data:image/png;base64,AA"]),
        ("![picture](mailto:ines@example.com)", ["mailto:ines@example.com"]),
        ("[a][1]\n\n[1]: /there", ["/there"]),
        ("<javascript:alert(1)>", ["javascript:alert(1)"]),
        ('<a href="/b">c</a>', ["/b"]),
        ("[a]()", [""]),
        ("write `[a](b)` or ``[c](d)`` for [e](f)", ["f"]),
        ("```\n[a](b)\n```\n[c](d)", ["d"]),
        ("~~~\n[a](b)\n", []),
        ("a list [ ] and (brackets)", []),
        ("[a](https://x.example/b)", []),
        ("[a]({{ asset.link }})", []),
        ('[a]({{ contact.company | default("you") }})', []),
        ("[a](https://x.example/{{ contact.company | urlencode }}/b)", []),
    ],
)
def test_unfit_links_in_markdown_are_found(body: str, expected: list[str]) -> None:
    assert found(body) == expected


def test_unfit_links_in_html_are_found_in_any_quotes() -> None:
    body = "<a href=\"/one\">1</a> <A HREF = '/two'>2</A> <a href=/three>3</a> <img src='cid:x'> <a data-href='/no'>"

    assert found(body, HTML) == ["/one", "/two", "/three", "cid:x"]


def test_a_link_that_branches_is_not_judged() -> None:
    assert (
        found('<a href="{% if contact.company %}https://a.example{% else %}https://b.example{% endif %}">', HTML) == []
    )


def test_in_plain_text_only_web_addresses_are_links() -> None:
    assert found("see /there, https://me:secret@x.example/ or javascript:x", TEXT) == ["https://me:secret@x.example/"]


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
        ("\\\\evil.example", "unfit"),
        ("/\\evil.example", "unfit"),
        ("javascript:alert(1)", "javascript:"),
        ("JaVaScRiPt:alert(1)", "javascript:"),
        ("java\tscript:alert(1)", "unfit"),
        ("\x01javascript:alert(1)", "unfit"),
        ("&#106;avascript:alert(1)", "javascript:"),
        ("javascript&colon;alert(1)", "javascript:"),
        ("data:text/html,x", "data:"),
        ("vbscript:x", "vbscript:"),
        ("file:///etc/passwd", "file:"),
        ("https://user:secret@example.com/", "password"),
        ("https://www.example.com@evil.example/", "password"),
        ("https:evil.example", "host"),
        ("https:/evil.example", "host"),
        ("https:///evil.example", "host"),
        ("https:\\\\evil.example", "unfit"),
        ("https://good.example\\@evil.example", "unfit"),
    ],
)
def test_a_link_that_does_not_work_or_does_harm_is_told_why(link: str, word: str) -> None:
    ((wrong, _, _),) = bad_links(f'<a href="{link}">', HTML)

    assert word in wrong
