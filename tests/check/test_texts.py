"""The quick way of reading a template text says the same as reading it whole."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.check.texts import TemplateReader, TemplateText
from nurture_cli.message.names import names_used, syntax_problem
from nurture_cli.message.piece import Piece
from nurture_cli.text.diagnostic import Span
from tests.examples import examples

PIECES = [
    "Hello ", "\n", "\n\n", "50 % {off}", "} {", "contact.company ",
    "{{ contact.first_name }}", '{{ contact.first_name | default("there") }}', "{{contact.first_name}}",
    "{{- contact.company -}}", "{{ contact.company | defualt }}", "{{ contact.company | upper }}", "{{ }}", "{{ 'a' }}",
    "{{ contact.company ~ contact.company }}", "{{ contact['company'] }}", "{{ nobody }}", '{{ "}}" }}', "{{ -1 }}",
    "{{ contact.first_name\n| upper }}", "{{ contact.first_name", "{{ {'a': nobody} }}",
    "{% if contact.company %}", "{%- if contact.company -%}", "{% if not nobody and contact.stage == 'a' %}",
    "{% if %}", "{", "}",
    "{% elif contact.role %}", "{% else %}", "{%- else -%}", "{% else nobody %}", "{% endif %}", "{% endif nobody %}",
    "{% for n in range(2) %}", "{{ n }}", "{% endfor %}", "{% set n = contact.role %}", "{# {{ nobody }} #}",
    "{% raw %}", "{% endraw %}", "{%", "%}",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@given(texts)
@settings(max_examples=examples(400), deadline=None)
def test_a_simple_text_is_sound_and_has_the_names_that_it_has_as_a_whole(text: str) -> None:
    simple = TemplateReader().simple(text)
    if simple is None:
        return

    whole = Piece("", text)
    assert syntax_problem(whole) is None
    assert [(name, text.count("\n", 0, at) + 1) for name, at, _ in simple] == [use[:2] for use in names_used(whole)]
    assert all(text[at : at + length] == name for name, at, length in simple if "[" not in text)


def test_prose_with_variables_and_ifs_is_simple() -> None:
    greeting = 'Hello {{ contact.first_name | default("you") }},\n'
    text = greeting + "{% if contact.company %}{{ contact.company }}{% else %}x{% endif %}"

    assert TemplateReader().simple(text) == (
        ("contact.first_name", 9, 18),
        ("contact.company", 55, 15),
        ("contact.company", 76, 15),
    )


def test_a_place_in_a_text_that_begins_in_the_middle_of_a_line_is_counted_from_there() -> None:
    text = TemplateText("a.md", "One {{ nobody }}\ntwo", 4, 10, Span("a.md", 4, 10, 26), None, None, TemplateReader())

    assert text.names == (("nobody", Span("a.md", 4, 17, 23)),)
    assert text.place(17, 20) == Span("a.md", 5, 1, 4)
    assert text.whole_line(2) == Span("a.md", 5, 1, 4)


def test_a_text_that_stands_otherwise_in_the_file_is_placed_as_a_whole() -> None:
    span = Span("a.md", 4, 10, 11)

    assert TemplateText("a.md", "One {{ nobody }}", 4, 0, span, None, None, TemplateReader()).names == (
        ("nobody", span),
    )
