"""Line breaks of Markdown: those of a signature stay, those of a wrapped paragraph do not."""

from __future__ import annotations

import pytest

from nurture_cli.message.breaks import is_meant
from tests.message.workshop import Workshop

SHOP = Workshop()
WRAPPED = "A paragraph that somebody wrapped at the edge of an editor goes on"


@pytest.mark.parametrize(
    ("before", "after", "meant"),
    [
        ("Best,", "Mara Feld", True),
        ("Mara Feld", "Head of International Business Development, Harbourline", True),
        ("Head of International Business Development", "Harbourline GmbH", True),
        (WRAPPED, "in the next line.", False),
        ("A line at seventy-two columns: the word after it is", "Geschwindigkeitsbegrenzung", False),
        ("Mara Feld, Head of International Business, Harbourline", "https://harbourline.example/people/mara", True),
        ("https://harbourline.example/a/path/that/is/longer/than/sixty/characters", "Mara Feld", True),
        ("[the page of Mara](https://harbourline.example/people/mara/and/more/and/more)", "+49 40", True),
        (f"{WRAPPED} [here](https://a.example/)", "and there", False),
    ],
)
def test_a_break_is_meant_after_a_short_line(before: str, after: str, meant: bool) -> None:
    assert is_meant(before, after) is meant


def test_a_signature_keeps_its_lines_in_both_parts() -> None:
    body = f"{WRAPPED}\nin the next line.\n\nBest,\nMara Feld\nHead of Product"

    assert f"<p>{WRAPPED}\nin the next line.</p>" in SHOP.html(body)
    assert "<p>Best,<br>\nMara Feld<br>\nHead of Product</p>" in SHOP.html(body).replace("<br />", "<br>")
    assert SHOP.text(body).endswith("\n\nBest,\nMara Feld\nHead of Product")
    assert f"{WRAPPED} in" in " ".join(SHOP.text(body).split())


def test_what_a_variable_prints_is_measured_as_it_is_written() -> None:
    body = 'You told us what you are called: {{ contact.first_name | default("there") }},\nand we wrote it down.'

    assert "Ann,\nand we" in SHOP.html(body)
    assert "<br" in SHOP.html("Hello {{ contact.first_name }},\nthank you.").partition('class="footer"')[0]
