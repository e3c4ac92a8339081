"""Addresses that merely stand in a text become links, and stay readable in the text part."""

from __future__ import annotations

import pytest

from tests.message.workshop import Workshop, asset

SHOP = Workshop()


def link(target: str, text: str | None = None) -> str:
    return f'<a href="{target}">{text or target}</a>'


@pytest.mark.parametrize(
    ("body", "html", "text"),
    [
        ("See https://a.example/x_y_z.", f"See {link('https://a.example/x_y_z')}.", "See https://a.example/x_y_z."),
        ("(https://a.example/x)", f"({link('https://a.example/x')})", "(https://a.example/x)"),
        ("https://a.example/x_(y), z", f"{link('https://a.example/x_(y)')}, z", "https://a.example/x_(y), z"),
        ("www.a.example!", f"{link('https://www.a.example', 'www.a.example')}!", "https://www.a.example!"),
        ("to me@a.example.", f"to {link('mailto:me@a.example', 'me@a.example')}.", "to me@a.example."),
        ("**https://a.example/**", f"<strong>{link('https://a.example/')}</strong>", "https://a.example/"),
        ("[a.example](https://a.example/)", link("https://a.example/", "a.example"), "https://a.example/"),
        ("[here](https://a.example/)", link("https://a.example/", "here"), "here (https://a.example/)"),
        ("[see https://a.example/](https://a.example/)", link("https://a.example/", "see https://a.example/"),
         "see https://a.example/"),
        ('<a href="https://a.example/">https://a.example/</a>', link("https://a.example/"), "https://a.example/"),
        ("`https://a.example/`", "<code>https://a.example/</code>", "https://a.example/"),
        ("{{ asset.link }}", link("https://acme.example/page"), "https://acme.example/page"),
        ("{{ sender.address }}", link("mailto:ines@news.acme.example", "ines@news.acme.example"),
         "ines@news.acme.example"),
        ("https://a.example/?n={{ contact.company | urlencode }}", link("https://a.example/?n=Plant%20%26%20Sons"),
         "https://a.example/?n=Plant%20%26%20Sons"),
        ("https://a.example/?n={{ contact.company }}", "https://a.example/?n=Plant &amp; Sons",
         "https://a.example/?n=Plant & Sons"),
        ("{{ contact.first_name }}@a.example", "Ann@a.example", "Ann@a.example"),
        ("10:30, a@b, x.example, https://", "10:30, a@b, x.example, https://", "10:30, a@b, x.example, https://"),
    ],
)  # fmt: skip
def test_an_address_becomes_a_link(body: str, html: str, text: str) -> None:
    made = asset(body, link="https://acme.example/page")

    assert f"<p>{html}</p>" in SHOP.html(made)
    assert SHOP.text(made) == text


def test_what_a_contact_wrote_never_becomes_a_link() -> None:
    from dataclasses import replace

    from tests.message.workshop import ANN

    html = SHOP.html("Hi {{ contact.first_name }}", replace(ANN, first_name="https://evil.example/"))

    assert "<p>Hi https://evil.example/</p>" in html
