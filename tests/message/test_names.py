"""What `check` asks about a template."""

from __future__ import annotations

import time

from nurture_cli.message.layout import partials
from nurture_cli.message.names import (
    NameUse,
    Problem,
    includes,
    names_used,
    syntax_problem,
)
from nurture_cli.message.piece import Piece
from nurture_cli.message.record import template_names
from tests.message.workshop import asset, config


def test_names_are_found_in_untaken_branches_too() -> None:
    made = asset("Hi\n{% if false %}{{ contact.first_nmae }}{% else %}{{ asset.link }}{% endif %}")

    assert names_used(made) == [NameUse("contact.first_nmae", 7, 18), NameUse("asset.link", 7, 52)]


def test_names_in_subject_and_preheader_are_found_on_their_lines() -> None:
    made = asset("Hi", subject='"{{ contact.company }}"', preheader="'{{ today }}'")

    assert names_used(made) == [NameUse("contact.company", 4, 0), NameUse("today", 5, 0)]


def test_every_use_has_its_own_column() -> None:
    text = "{{ a.b }} {{ a.bc }} {{ a.b ~ a['b'] }} {{ 'a.b' }} {{ xa.b }}"
    uses = [(use.name, use.col) for use in names_used(Piece("a", text))]

    assert uses[:2] == [("a.b", 4), ("a.bc", 14)]
    assert ("xa.b", 56) in uses
    assert [name for name, _ in uses].count("a.b") == 3


def test_twice_the_uses_on_a_line_take_little_more_than_twice_the_time() -> None:
    def taken(text: str) -> float:
        before = time.process_time()
        includes(Piece("a", text))
        names_used(Piece("a", text))
        return time.process_time() - before

    for piece in ("{% include 'x' %}", "{{ a.b }}"):
        taken(piece)
        assert taken(piece * 4_000) < 12 * taken(piece * 1_000) + 0.5, piece
    distinct = "".join(f"{{{{ a{number} }}}}" for number in range(4_000))
    assert taken(distinct) < 12 * taken(distinct[: len(distinct) // 4].rpartition("{{")[0]) + 0.5


def test_names_that_the_template_makes_itself_are_not_looked_up() -> None:
    text = (
        "{% set x = contact.a %}{{ x.y }}{% for i in contact.b %}{{ i.z }}{{ loop.index }}{% endfor %}"
        "{% macro m(p) %}{{ p.q }}{{ contact.c }}{% endmacro %}{{ m(1) }}{% with w = 1 %}{{ w }}{% endwith %}"
        "{% from '_m.html' import n %}{{ n(contact.d) }}{{ range(3) }}{% import '_m.html' as lib %}{{ lib.f() }}"
    )

    assert [use.name for use in names_used(Piece("a", text))] == [f"contact.{one}" for one in "abcd"]


def test_names_inside_filters_tests_and_slices_are_found() -> None:
    text = "{{ (contact.a | default(contact.b))[:contact.c] }}{% if contact.d is eq(contact['e']) %}{% endif %}"

    assert {use.name for use in names_used(Piece("a", text))} == {f"contact.{one}" for one in "abcde"}


def test_a_template_that_cannot_be_read_has_a_problem_and_no_names() -> None:
    made = asset("Hi\n\n{% if contact.a %}\n")

    problem = syntax_problem(made)

    assert problem is not None
    assert problem.line == 8
    assert "endif" in problem.words
    assert names_used(made) == []


def test_problems_are_told_with_the_nearest_name() -> None:
    assert syntax_problem(asset("Hi\n{{ 1 | uper }}")) == Problem(
        7, 0, "There is no filter `uper`.", "Did you mean `upper`?"
    )
    assert syntax_problem(asset("Hi {{ contact.first_name }}")) is None
    power = syntax_problem(asset("Hi\n{% for i in range(2 ** 9) %}x{% endfor %}"))
    assert power is not None
    assert (power.line, power.words) == (7, "`**` is not used in templates.")


def test_a_problem_of_the_subject_is_on_its_line() -> None:
    problem = syntax_problem(asset("Hi", subject="'{{ x'"))

    assert problem is not None
    assert problem.line == 4


def test_a_monstrous_template_is_a_problem_not_a_crash() -> None:
    for text in ("{{ " + "(" * 9999, "{% if 1 %}" * 500 + "{% endif %}" * 500, "{{ 9" + "9" * 9999 + " }}"):
        assert syntax_problem(Piece("a", text)) is not None
        names_used(Piece("a", text))


def test_included_files_are_found() -> None:
    made = asset("x\n{% include '_a.md' %}{% if 0 %}{% from '_b.html' import c %}{% endif %}")

    assert [(use.name, use.line) for use in includes(made)] == [("_a.md", 7), ("_b.html", 7)]


def test_layouts_and_partials_are_asked_the_same_way() -> None:
    files = partials(
        {"templates/_layout.html": "\n{{ body }}", "templates/x.md": "", "nurture.yml": "", "templates/_a.yml": ""}
    )

    assert list(files) == ["_layout.html"]
    assert names_used(files["_layout.html"]) == [NameUse("body", 2, 4)]


def test_the_names_there_are_come_from_the_configuration() -> None:
    names = template_names(config())

    assert {"contact.first_name", "contact.employees", "asset.link", "sender.postal_address", "today"} <= names
    assert "body" not in names
    assert "contact.id" not in names
    assert template_names(config(), layout=True) - names == {"body", "preheader", "subject"}
