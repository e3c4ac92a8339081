"""No picture is wider than the screen, however it came into the template."""

from __future__ import annotations

import pytest

from nurture_cli.message.pictures import with_fitting_pictures
from tests.message.workshop import Workshop, asset

FITS = "max-width:100%;height:auto"


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ('<img src="a.png" alt="A">', f'<img style="{FITS}" src="a.png" alt="A">'),
        ("<IMG SRC=a.png>", f'<IMG style="{FITS}" SRC=a.png>'),
        ('<img src="a.png" />', f'<img style="{FITS}" src="a.png" />'),
        ('<img width="2000" height="900" src="a">', f'<img style="{FITS}" width="2000" height="900" src="a">'),
        ('<img height="20" src="a">', '<img style="max-width:100%" height="20" src="a">'),
        ('<img style="width:2000px" src="a">', f'<img style="width:2000px;{FITS}" src="a">'),
        ("<img style='width: 9em;' src=a>", f'<img style="width: 9em;{FITS}" src=a>'),
        ('<img style="max-width:900px">', f'<img style="max-width:900px;{FITS}">'),
        ('<img style="max-width:120px">', '<img style="max-width:120px;height:auto">'),
        ('<img style="height:20px">', '<img style="height:20px;max-width:100%">'),
        ('<img style="line-height:1">', f'<img style="line-height:1;{FITS}">'),
        ('<img alt="a > b" style="border:0">', f'<img alt="a > b" style="border:0;{FITS}">'),
        ("<image src=a><imgs>", "<image src=a><imgs>"),
    ],
)
def test_a_picture_is_made_to_fit(given: str, made: str) -> None:
    assert with_fitting_pictures(given) == made


@pytest.mark.parametrize(
    ("suffix", "body"),
    [
        ("md", "Hi\n\n![The plant](https://acme.example/wide.png)"),
        ("md", 'Hi <img src="https://acme.example/wide.png" alt="The plant" width="2000" height="900">'),
        ("md", '<div>\n<img src="https://acme.example/wide.png" alt="The plant">\n</div>'),
        ("md", "Hi\n\n{% include '_picture.html' %}"),
        ("html", '<p>Hi {{ contact.first_name }}</p><img src="https://acme.example/wide.png" alt="The plant">'),
    ],
)
def test_every_picture_of_a_mail_fits_and_keeps_its_text(suffix: str, body: str) -> None:
    shop = Workshop({"_picture.html": '<img src="https://acme.example/wide.png" alt="The plant">'})
    made = asset(body, suffix=suffix)

    assert f"{FITS}" in shop.html(made)
    assert "The plant" in shop.text(made)


def test_a_picture_of_the_layout_fits_too_and_its_variables_stay() -> None:
    picture = '<img src="https://a.example/{{ contact.email | urlencode }}.png" alt="{{ subject }}">'
    shop = Workshop(
        {"_layout.html": f"{{{{ body }}}}{picture}{{{{ sender.postal_address }}}}{{{{ unsubscribe_url }}}}"}
    )

    assert f'<img style="{FITS}" src="https://a.example/ann%40plant.example.png" alt="Hello from Acme">' in shop.html(
        "Hi"
    )
