"""A value is unguarded where a missing one would stop the mail, and nowhere else."""

from __future__ import annotations

import pytest

from nurture_cli.message.guards import unguarded


@pytest.mark.parametrize(
    "text",
    [
        '{{ contact.company | default("you") }}',
        '{{ contact.company|d("you") }}',
        '{{ contact.company or "you" }}',
        "{{ contact.company if contact.company else 'you' }}",
        "{{ 'at ' ~ contact.company if contact.company }}",
        "{% if contact.company %}{{ contact.company }}{% endif %}",
        "{%- if contact.company -%}{{ contact.company }}{%- endif -%}",
        "{% if contact.company and contact.city %}{{ contact.city }} {{ contact.company }}{% endif %}",
        "{% if not contact.company %}x{% else %}{{ contact.company }}{% endif %}",
        "{% if contact.a %}x{% elif contact.company %}{{ contact.company }}{% endif %}",
        "{% if contact.company %}{% if contact.a %}x{% endif %}{{ contact.company }}{% endif %}",
        "{{ 'yes' if contact.company == 'Example' else 'no' }}",
        "{{ contact.company is none }}",
        "{% if contact.company == 'Example' %}x{% endif %}",
        "{# {{ contact.company }} #}",
        "{% raw %}{{ contact.company }}{% endraw %}",
        "{{ 'contact.company' }}",
        "{{ mycontact.company }}",
        "contact.company",
    ],
)
def test_a_guarded_value_is_not_found(text: str) -> None:
    assert list(unguarded(text)) == []


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("{{ contact.company }}", [3]),
        ("{{contact.company}}", [2]),
        ("{{- contact.company -}}", [4]),
        ("{{ contact.company | upper }}", [3]),
        ('{{ contact.company | upper | default("x") }}', [3]),
        ('{{ "at " ~ contact.company }}', [11]),
        ("{{ contact.first_name | default(contact.company) }}", [32]),
        ("{% if contact.company %}x{% endif %}{{ contact.company }}", [39]),
        ("{% if contact.first_name %}{{ contact.company }}{% endif %}", [30]),
        ("{% for n in range(2) %}{{ contact.company }}{% endfor %}", [26]),
        ("{{ contact.company }} {{ contact.company }}", [3, 25]),
    ],
)
def test_an_unguarded_value_is_found_at_its_place(text: str, offsets: list[int]) -> None:
    assert list(unguarded(text)) == [("contact.company", offset) for offset in offsets]
