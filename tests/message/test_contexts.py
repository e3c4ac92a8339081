"""Places in HTML where a variable would not be safe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nurture_cli.message.contexts import insist_on_safe_places
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.piece import Piece
from tests.message.workshop import ANN, Workshop, asset


@pytest.mark.parametrize(
    "html",
    [
        "<{{ x }}>", "</{{ x }}>", "<a {{ x }}>", "<a href={{ x }}>", "<a href=a{{ x }}>", "<a href='a' {{ x }}='b'>",
        "<a href=\"a\"{{ x }}>", "<style>{{ x }}</style>", "<script>'{{ x }}'</script>", "<STYLE media=x>a{{ x }}",
        "<a title='a>b' {{ x }}>", "<a title='\"' {{ x }}>", "a<{{ x }}b", "<a {% if y %}{{ x }}{% endif %}>",
        "<h{{ x }}>",
        "<a\n\n href=\n{{ x }}>",
    ],
)  # fmt: skip
def test_a_variable_that_could_become_markup_is_refused(html: str) -> None:
    with pytest.raises(RenderError) as caught:
        insist_on_safe_places(Piece("templates/a.html", html, first=3))

    assert caught.value.reason is Flaw.TEMPLATE_ERROR
    assert caught.value.place == f"templates/a.html:{3 + html[: html.index('{{ x')].count(chr(10))}"


@pytest.mark.parametrize(
    "html",
    [
        "{{ x }}", "a < {{ x }}", "5 <7 {{ x }}", "<p>{{ x }}</p>", '<a href="{{ x }}">{{ x }}</a>',
        "<a href='{{ x }}'>", "<a title=\"it's\" href='{{ x }}'>'{{ x }}",
        '<a {% if y %}href="{{ x }}"{% else %}href="{{ z }}"{% endif %}>',
        "<!-- <a {{ x }} -->", "<style>p { a: b }</style>{{ x }}", "it's \"{{ x }}\" <b>x</b>", "<br/>{{ x }}",
        '<a title="a > b" href="{{ x }}">', "{% if x < y %}{{ x }}{% endif %}", "<script></script>{{ x }}",
    ],
)  # fmt: skip
def test_a_variable_in_text_or_between_quotation_marks_is_fine(html: str) -> None:
    insist_on_safe_places(Piece("a", html))


EVIL = "img src=x onerror=alert(1) "


@pytest.mark.parametrize(
    "body",
    [
        "<{{ contact.company }}>",
        "a\n\n<{{ contact.company }}>\n\nb",
        "<{{ contact.company }} x>",
        "`<{{ contact.company }}>`",
    ],
)
def test_angle_brackets_around_a_variable_in_markdown_are_no_tag(body: str) -> None:
    shop, contact = Workshop(), replace(ANN, company=EVIL)

    assert "<img" not in shop.html(body, contact)
    assert "&lt;img src=x onerror" in shop.html(body, contact)
    assert "<img src=x onerror" in shop.text(body, contact)


@pytest.mark.parametrize("body", ["<a title={{ contact.company }}>x</a>", "<div {{ contact.company }}>\n\nx"])
def test_markup_in_markdown_is_looked_at_too(body: str) -> None:
    with pytest.raises(RenderError) as caught:
        Workshop().outgoing(body, replace(ANN, company=EVIL))

    assert caught.value.reason is Flaw.TEMPLATE_ERROR


def test_what_is_no_tag_for_markdown_is_text() -> None:
    html = Workshop().html("x <b {{ contact.company }}>y</b>", replace(ANN, company=EVIL))

    assert "x &lt;b img src=x onerror=alert(1) &gt;y" in html


def test_layouts_and_partials_are_looked_at_too() -> None:
    for files, body in (
        ({"_layout.html": "<p class={{ subject }}>{{ body }}"}, "Hi"),
        ({"_part.html": "x\n<p {{ contact.company }}>"}, "{% include '_part.html' %}"),
    ):
        with pytest.raises(RenderError) as caught:
            Workshop(files).outgoing(asset(body, suffix="html"))
        assert str(caught.value.place).startswith(f"templates/{next(iter(files))}:")


def test_a_link_variable_between_angle_brackets_is_a_link() -> None:
    made = asset("Read <{{ asset.link }}> or <{{unsubscribe_url}}>.", link="https://acme.example/?a=1&b=2")

    assert '<a href="https://acme.example/?a=1&amp;b=2">https://acme.example/?a=1&amp;b=2</a>' in Workshop().html(made)
    assert Workshop().text(made).startswith("Read https://acme.example/?a=1&b=2 or\nhttps://acme.example/leave/")
