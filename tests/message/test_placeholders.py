"""Placeholders of other tools, and what only looks like one."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.piece import Piece
from nurture_cli.message.placeholders import Placeholder, foreign_placeholders, leftovers


@pytest.mark.parametrize(
    "text",
    [
        "*|FNAME|*", "*|IF:FNAME|*", "*|DATE:d/m/y|*", "%FNAME%", "%FIRST_NAME%", "%EMAIL%", "%DATE%", "%%first_name%%",
        "{FIRST_NAME}", "{EMAIL}", "{first_name}", "{ name }", "{contact.email}", "[[first_name]]", "[[ Company ]]",
        "${firstName}", "<%= name %>", "##FNAME##", "[first_name]", "[FIRST NAME]", "[Name]", "[your name]",
        "[COMPANY]", "[DEMO_DATE]", "%first_name%", "%recipient.first_name%", "<<First Name>>", "<<E-Mail>>",
        "«First Name»",
        "{{{name}}}", "{{{ contact.first_name }}}", "{$name}", "{$subscriber.name}", "{!Contact.FirstName}",
        "[subscriber:firstname | default:friend]", "%%=v(@firstName)=%%", "~Contact.FirstName~", "{{ First Name }}",
        "{{ lead.First Name }}", "{{ first_name|default:'you' }}", "{vorname}", "{user.name}", "{Job-Title}",
        "<Name>", "<first name>", "<Vorname>", "$NAME", "$first_name", "$FIRSTNAME",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [None, *BodyFormat])
def test_a_merge_field_of_another_tool_is_found(text: str, form: BodyFormat | None) -> None:
    (found,) = foreign_placeholders(Piece("a", f"x\nDear {text}, hello", first=7), form)

    assert found == Placeholder(text, 8, 6)
    assert leftovers(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "{contact.first_name}", "{ contact.first_name }}", "{{ contact.first_name }", "{{contact.first_name}",
        "{ { contact.first_name } }", "{% contact.first_name %}", "[contact.first_name]", "%contact.first_name%",
        "<contact.first_name>", "${contact.first_name}", '{ contact.first_name | default("you") }}',
        '{{ contact.first_name | default("you") }',
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [None, *BodyFormat])
def test_one_of_ours_with_wrong_brackets_is_found_and_told_how_it_is_written(
    text: str, form: BodyFormat | None
) -> None:
    (found,) = foreign_placeholders(Piece("a", f"Dear {text}, of {{{{ contact.company }}}}"), form)

    assert (found.text, found.line, found.col) == (text, 1, 6)
    assert found.ours
    assert found.meant == "{{ contact.first_name }}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("*|FNAME|*", '{{ contact.first_name | default("there") }}'),
        ("[NAME]", '{{ contact.first_name | default("there") }}'),
        ("%recipient.first_name%", '{{ contact.first_name | default("there") }}'),
        ("[subscriber:firstname | default:friend]", '{{ contact.first_name | default("there") }}'),
        ("%LASTNAME%", '{{ contact.last_name | default("") }}'),
        ("{{{Surname}}}", '{{ contact.last_name | default("") }}'),
        ("[Company Name]", '{{ contact.company | default("your company") }}'),
        ("*|MERGE:COMPANY|*", '{{ contact.company | default("your company") }}'),
        ("{E-Mail}", "{{ contact.email }}"),
        ("[job_title]", '{{ contact.job_title | default("") }}'),
        ("*|UNSUB|*", "{{ unsubscribe_url }}"),
        ("{asset.link}", "{{ asset.link }}"),
    ],
)
def test_what_is_meant_is_told_in_our_spelling(text: str, meant: str) -> None:
    (found,) = foreign_placeholders(Piece("a", text))

    assert found.meant == meant


@pytest.mark.parametrize(
    "text",
    [
        "100 % of 50%, 20%-30%", "https://a.example/%C3%BC%C3%A4%20x%ABCDEF%20", "{{ contact.first_name }}", "{{NAME}}",
        "a { color: red }", "@media screen { b }", "{1, 2}", "{x}", "[[1]](https://a.example)",
        "[[docs]](https://a.example)",
        "[x] [ ] - [ ]", "*a* | *b*", "|*|", "## HEADING ##", "{# {NAME} #}",
        "{% raw %}{NAME} %FNAME%{% endraw %}", "{{ '%FNAME%' }}", "a<b>c", "5 < 6 % 7 > 3", "$5 {per} head",
        "width:100%;A%", "[name](https://a.example)", "![name](https://a.example/a.png)", "[name][1]",
        "[the docs][name]", "[name]: https://a.example", "Your [company]\n\n[Company]: https://a.example", r"\[name\]",
        "[1] [docs] [sic]",
        "https://a.example/?utm_source=%7Bname%7D&x=20%name", "<<Bonjour>>", "«Name»", "cout << name << end",
        "{{ contact.company if contact.company else 'you' }}", "{% if contact.company %}", "{%if contact.company%}",
        "{{ {'a': 1}['a'] }}", "{{contact.company}} }", "name, company and e-mail", '{"name": "Ann"}',
        "{{ True if a }}",
        "<name@firm.example>", "List<Name> of x", "$100 and US$name", "https://a.example/?q=$name",
        "$PATH $names", "<b>Name</b>",
        r"\$name",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [None, *BodyFormat])
def test_what_only_looks_like_one_is_left_alone(text: str, form: BodyFormat | None) -> None:
    assert foreign_placeholders(Piece("a", text), form) == ()


@pytest.mark.parametrize("text", ["${HOME}", "{name}", "[first_name]", "%NAME%", "<%= name %>", "<<name>>", "[[ x ]]"])
@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("Type `{}` and Enter.", BodyFormat.MARKDOWN),
        ("Type\n\n```sh\necho {}\n```\nand Enter.", BodyFormat.MARKDOWN),
        ("~~~\n{}", BodyFormat.MARKDOWN),
        ("<pre>\n{}\n</pre>", BodyFormat.MARKDOWN),
        ("<p>Type <code class='a'>{}</code></p>", BodyFormat.HTML),
        ("<style>a{{color:red}} {}</style>", BodyFormat.HTML),
    ],
)
def test_code_talks_about_placeholders_and_has_none(text: str, code: str, form: BodyFormat) -> None:
    assert foreign_placeholders(Piece("a", code.format(text)), form) == ()
    assert foreign_placeholders(Piece("a", f"{code.format('x')}\n\n{text}"), form) != () or code.startswith("~~~")


@pytest.mark.parametrize("text", ["`{contact.first_name}`", "`*|COUPON|*`"])
def test_what_can_mean_nothing_else_is_found_in_code_too(text: str) -> None:
    assert len(foreign_placeholders(Piece("a", text), BodyFormat.MARKDOWN)) == 1


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
