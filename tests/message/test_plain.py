"""Known answers: the text part that is made of Markdown and of HTML."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.body import rendition
from nurture_cli.message.limits import Limited
from nurture_cli.message.piece import Piece
from nurture_cli.message.plain import tidy, to_text
from nurture_cli.message.record import Record
from nurture_cli.message.templates import Templates
from nurture_cli.message.wrapping import unwrapped

LINK = "https://acme.example/a?b=1&c=2"


def made(text: str, written: BodyFormat, *, html: bool, **facts: str | None) -> str:
    """The template in one of its two renditions, rendered."""
    templates = Templates(lambda _name: None, (), html=html)
    contact = Record("contact", {"name": "Ann *x*", "gone": None, "link": LINK, **facts})
    with Limited():
        rendered = templates.compile(rendition(Piece("a", text), written, html=html)).render({"contact": contact})
    return rendered if html else unwrapped(tidy(rendered))


def plain(markdown: str, **facts: str | None) -> str:
    return made(markdown, BodyFormat.MARKDOWN, html=False, **facts)


def rich(markdown: str, **facts: str | None) -> str:
    return made(markdown, BodyFormat.MARKDOWN, html=True, **facts)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title\n\nA **bold** and *slanted* `word`.", "Title\n\nA bold and slanted word."),
        (
            "lines that an editor has wrapped because they were full belong\ntogether",
            "lines that an editor has wrapped because they were full belong together",
        ),
        ("Best,\nMara\nHead of Product", "Best,\nMara\nHead of Product"),
        ("one\\\ntwo  \nthree", "one\ntwo\nthree"),
        ("[text](https://a.example/x)", "text (https://a.example/x)"),
        ("[*the* text](<https://a.example/x y>)", "the text (https://a.example/x%20y)"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("[https://a.example/x](https://a.example/x)", "https://a.example/x"),
        ("[write](mailto:a@b.example) <a@b.example>", "write (mailto:a@b.example) a@b.example"),
        ("[+49 40 1](tel:+49401)", "+49 40 1 (tel:+49401)"),
        ("[ref][1]\n\n[1]: https://a.example/", "ref (https://a.example/)"),
        ("![a chart](https://a.example/c.png)", "a chart"),
        ("[![](https://a.example/c.png)](https://a.example/)", "https://a.example/"),
        ("- a\n- b\n  - c\n- d", "- a\n- b\n  - c\n- d"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("3. a\n4. b\n\n   more", "3. a\n\n4. b\n\n   more"),
        ("> a\n> b\n>\n> > c", "> a\n> b\n>\n> > c"),
        ("before\n\n    code\n      more\n\nafter", "before\n\n    code\n      more\n\nafter"),
        ("```py\nx = 1\n\ny\n```", "    x = 1\n    \n    y"),
        ("a\n\n---\n\nb", "a\n\n--------------------\n\nb"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("&copy; \\*no\\* &lt;b&gt; 2 < 3 & 4", "© *no* <b> 2 < 3 & 4"),
        ("raw <b>tags</b><br>and <!-- comments -->", "raw tags\nand"),
        ("<div>\nblock of <i>HTML</i>\n</div>\n\n**md**", "block of HTML\n\nmd"),
        ("[here](#top)", "here"),
        ("a  \n\n\n\nb", "a\n\nb"),
    ],
)
def test_markdown_becomes_readable_text(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Hi **{{ contact.name }}**!", "Hi Ann *x*!"),
        ("[text]({{ contact.link }})", f"text ({LINK})"),
        ("[text]({{contact.link}}#x)", f"text ({LINK}#x)"),
        ("[{{ contact.link }}]({{ contact.link }})", LINK),
        ("[t](https://a.example/?n={{ contact.name | urlencode }})", "t (https://a.example/?n=Ann%20%2Ax%2A)"),
        ("`{{ contact.name }}` | {{ contact.name | upper }}", "Ann *x* | ANN *X*"),
        ("| a |\n|---|\n| {{ contact.gone | default('none') }} |", "a\nnone"),
        ("A\n{% if contact.gone %}\nB\n{% endif %}\nC", "A\n\nC"),
        ("A\n\n{% if contact.gone %}\n\nB\n\n{% else %}\n\nD\n\n{% endif %}\n\nC", "A\n\nD\n\nC"),
        ("A\n{% if contact.name %}\nB\n{% endif %}\nC", "A\n\nB\n\nC"),
        ("A {% if contact.gone %}x{% else %}y{% endif %}, z", "A y, z"),
        ("A{% if contact.gone %} x{% endif %}.", "A."),
        ("A\n{%- if contact.name %} b{% endif %}\n{%- if contact.gone %} c{% endif %}: d", "A b: d"),
        ("- a\n{% if contact.gone %}\n- b\n{% endif %}\n- c", "- a\n- c"),
        ("1. a\n{% if contact.gone %}\n2. b\n{% endif %}\n3. c", "- a\n- c"),
        ("{% for x in ['p', 'q'] %}\n- {{ x }}\n{% endfor %}", "- p\n- q"),
        ("A\n\n{% for x in ['p', 'q'] %}\n* {{ x }}\n{% endfor %}\n\nB", "A\n\n- p\n- q\n\nB"),
        ("{% for x in ['p', 'q'] %}\n{{ x }}\n{% endfor %}\nend", "p\n\nq\n\nend"),
        ("A {% for x in ['p', 'q'] %}{{ x }} {% endfor %}B", "A p q B"),
        ("A\n\n{% for x in [] %}\nx\n{% endfor %}\n\nB", "A\n\nB"),
        ("> x\n> {% if contact.gone %}\n> y\n> {% endif %}\n> z", "> x\n>\n> z"),
        ("{% set a = 'x' %}\n{{ a }}\n{# not this #}", "x"),
        ("{% macro m(x) %}\n*{{ x }}*\n{% endmacro %}\n{{ m('p') }}", "p"),
        ("{% raw %}{{ as it is }}{% endraw %}", "{{ as it is }}"),
        ("qjt0e QJT0ez {{ contact.name }}", "qjt0e QJT0ez Ann *x*"),
        ("{{ '}}' }}{{ '{%' }}", "}}{%"),
    ],
)
def test_tags_of_templates_survive_markdown(markdown: str, text: str) -> None:
    assert plain(markdown) == text


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[a]({{ contact.link }})", '<p><a href="https://acme.example/a?b=1&amp;c=2">a</a></p>'),
        ("**{{ contact.name }}**", "<p><strong>Ann *x*</strong></p>"),
        ("{% if contact.name %}\n# x\n{% endif %}", "<h1>x</h1>"),
        ("- a\n{% if contact.name %}\n- b\n{% endif %}", "<ul><li>a</li><li>b</li></ul>"),
        ("{% if contact.name %}\n- a\n{% else %}\n- b\n{% endif %}", "<ul><li>a</li></ul>"),
        ("1. a\n{% for x in ['p'] %}\n1. {{ x }}\n{% endfor %}\n1. c", "<ol><li>a</li><li>p</li><li>c</li></ol>"),
        ("- a\n{% if contact.name %}\n- b\n{% endif %}\nP", "<ul><li>a</li><li>b</li></ul><p>P</p>"),
        ("- a\n{% if contact.name %}\n- b\n\nP\n{% endif %}", "<ul><li>a</li></ul><ul><li>b</li></ul><p>P</p>"),
        ("- a\n{% include '_x.md' ignore missing %}\n- b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("    {% if contact.name %}\n    x\n    {% endif %}", '<pre style="white-space:pre-wrap"><code>x</code></pre>'),
        ("[a](javascript:alert(1))", '<p><a href="javascript:alert(1)">a</a></p>'),
    ],
)
def test_tags_of_templates_leave_well_formed_html(markdown: str, html: str) -> None:
    assert rich(markdown).replace("\n", "") == html.replace("\n", "")


def test_what_a_contact_wrote_is_no_markup() -> None:
    evil = "[x](https://evil.example) **b** <i>i</i> {{ 7*7 }}\n# h"

    assert plain("{{ contact.name }}", name=evil) == evil
    assert rich("{{ contact.name }}", name=evil) == (
        "<p>[x](https://evil.example) **b** &lt;i&gt;i&lt;/i&gt; {{ 7*7 }}\n# h</p>"
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b <b>c</b>&nbsp;d</p>", "a\n\nb c d"),
        ("<div>a</div><div>b</div>c<br>d<br><br>e", "a\nb\nc\nd\n\ne"),
        ("<head><title>t</title></head><style>s</style><script>x</script>a", "a"),
        ("<div style='DISPLAY : none'>no<p>no</div><span hidden>no</span>yes", "yes"),
        ("<table><tr><td>a</td><td></td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc"),
        ("<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>x", "in\n\nx"),
        ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd"),
        ("<ol start=4><li><p>a</p></li><li><p>b</p></li></ol>", "4. a\n\n5. b"),
        ('<a href="https://a.example/?x=1&amp;y=2">go</a>', "go (https://a.example/?x=1&y=2)"),
        ('<a href="https://a.example/"><img src="x"></a>', "https://a.example/"),
        ('<a name="x">anchor</a>', "anchor"),
        ("a<!--[if mso]>no<![endif]-->b", "ab"),
        ("<p>one <p>two</p></li></ul></table></a> three", "one\n\ntwo\n\nthree"),
        ("<pre>\n a\n  b\n</pre>", "     a\n      b"),
        ("&lt;not a tag&gt; a < b", "<not a tag> a < b"),
        ("", ""),
    ],
)
def test_html_becomes_readable_text(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>A</p>{% if contact.gone %}<p>B</p>{% endif %}<p>C</p>", "A\n\nC"),
        ("<p>A</p>{% if contact.gone %}B{% else %}D{% endif %} E", "A\n\nD E"),
        ("{% if contact.name %}<p>A</p>{% else %}<p>B</p>{% endif %}<p>C</p>", "A\n\nC"),
        ("<ul>{% for x in ['p', 'q'] %}<li>{{ x }}</li>{% endfor %}</ul>", "- p\n- q"),
        ("<a href='{{ contact.link }}' {% if contact.name %}class=x{% endif %}>go</a>", f"go ({LINK})"),
        ("<style>{% if 1 %}x{% endif %}</style>a", "a"),
    ],
)
def test_tags_of_templates_survive_in_html(html: str, text: str) -> None:
    assert made(html, BodyFormat.HTML, html=False) == text


def test_plain_text_stays_as_it_is_and_is_escaped_for_html() -> None:
    text = "  a < b\n\n\n{{ contact.link }}  "

    assert made(text, BodyFormat.TEXT, html=True) == (
        "  a &lt; b<br>\n<br>\n<br>\nhttps://acme.example/a?b=1&amp;c=2  "
    )
    assert rendition(Piece("a", text), BodyFormat.TEXT, html=False).text == text


def test_lines_are_those_of_the_file_after_markdown() -> None:
    text = "# a\n\nb {{ x }}\nc\n\n- d\n- {{\n y }} {{ z }}\n{% if q %}\n"
    for html in (True, False):
        piece = rendition(Piece("a", text, first=5), BodyFormat.MARKDOWN, html=html)
        lines = piece.text.split("\n")
        found = {sign: piece.line(n) for n, line in enumerate(lines, 1) for sign in "xyzq" if f" {sign} " in line}

        assert found == {"x": 7, "y": 12, "z": 12, "q": 13}
