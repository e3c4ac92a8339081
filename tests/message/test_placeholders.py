"""Placeholders of other tools, and what only looks like one."""

from __future__ import annotations

import pytest

from nurture_cli.message.piece import Piece
from nurture_cli.message.placeholders import Placeholder, foreign_placeholders, leftovers


@pytest.mark.parametrize(
    "text",
    [
        "*|FNAME|*", "*|IF:FNAME|*", "*|DATE:d/m/y|*", "%FNAME%", "%FIRST_NAME%", "%EMAIL%", "%DATE%", "%%first_name%%",
        "{FIRST_NAME}", "{EMAIL}", "{first_name}", "{ name }", "{contact.email}", "[[first_name]]", "[[ Company ]]",
        "${firstName}", "<%= name %>", "##FNAME##",
    ],
)  # fmt: skip
def test_a_merge_field_of_another_tool_is_found(text: str) -> None:
    found = foreign_placeholders(Piece("a", f"x\nDear {text}, hello", first=7))

    assert found == (Placeholder(text, 8, 6),)
    assert leftovers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "100 % of 50%, 20%-30%", "https://a.example/%C3%BC%C3%A4%20x%ABCDEF%20", "{{ contact.first_name }}", "{{NAME}}",
        "a { color: red }", "@media screen { b }", "{1, 2}", "{x}", "[[1]](https://a.example)",
        "[[docs]](https://a.example)",
        "[x] [ ] - [ ]", "*a* | *b*", "|*|", "## HEADING ##", "{# {NAME} #}",
        "{% raw %}{NAME} %FNAME%{% endraw %}", "{{ '%FNAME%' }}", "a<b>c", "5 < 6 % 7 > 3", "$5 {per} head",
        "width:100%;A%",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert foreign_placeholders(Piece("a", text)) == ()


def test_each_is_found_where_it_stands() -> None:
    piece = Piece("a", "{{ x }} {# y\n #} *|A|*\n\n%BX% {NAME}", lines=(3, 4, 5, 9))

    assert foreign_placeholders(piece) == (
        Placeholder("*|A|*", 4, 5),
        Placeholder("%BX%", 9, 1),
        Placeholder("{NAME}", 9, 6),
    )


@pytest.mark.parametrize("text", ["a {{ b", "a }} b", "{% x", "%}", "{{"])
def test_brackets_of_our_own_are_leftovers_where_nothing_is_rendered(text: str) -> None:
    assert leftovers(text) is not None


def test_plain_words_leave_nothing_over() -> None:
    assert leftovers("Plant & Sons {est. 1900} 100%") is None
