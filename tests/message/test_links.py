"""Links that work, and links that do not."""

from __future__ import annotations

import pytest

from nurture_cli.message.links import IN_PICTURES, has_unusual_links, trouble, trouble_in_html, trouble_in_text

GOOD = [
    "https://acme.example", "https://acme.example/", "http://acme.example:8080/a?b=c#d", "HTTPS://ACME.EXAMPLE/@user",
    "https://bücher.example/größe", "https://[2001:db8::1]/x", "https://acme.example?x=a@b",
    "mailto:a@b.example?subject=x",
    "tel:+49401234", "#section", " https://acme.example ", "https://acme.example/a,b;c'(d)*!$~_-.%20",
]  # fmt: skip
BAD = [
    "", " ", "#", "/x", "x", "x.html", "./x", "../x", "?a=b", "//evil.example", "///evil.example", "\\\\evil.example",
    "/\\evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example", "https://", "http://?x",
    "https://\\evil.example", "https://a\\@evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:x", "\x01javascript:x", "javascript\u200b:x", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
    "ftp://acme.example", "cid:picture", "about:blank", "blob:https://x", "https://me@acme.example",
    "https://a:b@acme.example",
    "https://acme.example:pw@evil.example", "https://acme.example:x", "https://acme.example:123456", "mailto:", "tel:",
    "https://acme example/", "https://acme.example/a b", "https://acme.example/\u202e", "https://acme.example/<b>",
    "https://acme.example/\"x", "https://{{ x }}/", "https://%2f.example/", "https://acme.example/\u00a0",
    "acme.example",
    "www.acme.example/x", "https://[::1", "view-source:https://acme.example", "\u2028https://acme.example",
]  # fmt: skip


@pytest.mark.parametrize("link", GOOD)
def test_a_link_that_works_is_in_no_trouble(link: str) -> None:
    assert trouble(link) is None


@pytest.mark.parametrize("link", BAD)
def test_a_link_that_cannot_work_or_does_harm_is_in_trouble(link: str) -> None:
    words = trouble(link)

    assert words is not None
    assert words.startswith("A link ")
    assert words.endswith(".")


@pytest.mark.parametrize("link", ["mailto:a@b.example", "tel:+49"])
def test_a_picture_is_on_the_web(link: str) -> None:
    assert trouble(link, IN_PICTURES) is not None


@pytest.mark.parametrize(
    "html",
    [
        '<a href="{}">', "<a class='x' HREF='{}'>", '<a\nhref="{}"', '<img src="{}">', '<form action="{}">',
        '<td background="{}">', '<a class="x"href="{}">',
    ],
)  # fmt: skip
def test_links_are_found_in_attributes(html: str) -> None:
    assert trouble_in_html(html.format("https://acme.example/?a=1&amp;b=2"), unusual=False) is None
    assert trouble_in_html(html.format("java&#115;cript:x"), unusual=False) is not None
    assert not has_unusual_links(html)


@pytest.mark.parametrize(
    "html", ["<a href = '{}'>", "<a\n href= {}>", "<a href={}>", '<a href ="{}">', "<img alt=x src={} />"]
)
def test_links_written_in_an_unusual_way_are_found_when_there_are_any(html: str) -> None:
    assert has_unusual_links(html.format("{{ x }}"))
    assert trouble_in_html(html.format("https://acme.example/"), unusual=True) is None
    assert trouble_in_html(html.format("javascript:x"), unusual=True) is not None


@pytest.mark.parametrize(
    "text", ['data-href="x"', "href=&#34;javascript:x&#34;", "a href=javascript:x in words", 'xhref="y"']
)
def test_what_only_looks_like_a_link_is_left_alone(text: str) -> None:
    assert trouble_in_html(f"<p>{text}</p>", unusual=False) is None


def test_web_addresses_in_text_are_looked_at_without_the_signs_around_them() -> None:
    assert trouble_in_text("See https://acme.example/a. (https://acme.example/b), <https://acme.example>!") is None
    assert trouble_in_text("Not /this or javascript:that, it is text") is None
    assert trouble_in_text("See https://me:pw@acme.example/") is not None
    assert trouble_in_text("See https:///x") is not None
