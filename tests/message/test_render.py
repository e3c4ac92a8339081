"""The whole way from asset and contact to bytes, and every reason for which a message is not made."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.channels import Task
from nurture_cli.campaign.model import Asset
from nurture_cli.errors import Misconfigured, NurtureError
from nurture_cli.keys import Keys
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.render import Renderer
from nurture_cli.records import CORE_TEXT_FIELDS, Contact
from tests.examples import examples
from tests.message.workshop import ANN, AT, KEY, Workshop, asset, part

SHOP = Workshop()


def refused(what: Asset | str, shop: Workshop = SHOP, contact: Contact = ANN, **front: str) -> RenderError:
    with pytest.raises(RenderError) as caught:
        shop.outgoing(what, contact, **front)
    return caught.value


def test_a_mail_is_made() -> None:
    made = SHOP.outgoing("Hello {{ contact.first_name }} of {{ contact.company }}, [read]({{ asset.link }}).",
                         link="https://acme.example/a?b=1&c=2")  # fmt: skip
    mail = SHOP.mail("Hello {{ contact.first_name }} of {{ contact.company }}, [read]({{ asset.link }}).",
                     link="https://acme.example/a?b=1&c=2")  # fmt: skip

    assert (made.key, made.sender, made.recipient) == (KEY, "ines@news.acme.example", "ann@plant.example")
    assert mail["Message-ID"] == f"<{made.message_id}>"
    assert mail["To"] == "Ann Miller <ann@plant.example>"
    assert part(mail, "plain") == (
        "Hello Ann of Plant & Sons, read (https://acme.example/a?b=1&c=2).\n\n-- \nInes Weber\nAcme GmbH\n"
        "Hafenstr. 1 & 2\n20457 Hamburg\n\n"
        "You receive this email because you have been in contact with us.\nUnsubscribe: https://acme.example/leave/"
        f"{Keys(b's' * 32).unsubscribe_token(ANN.address_hash, KEY)}?a=1&b=2\n"
    )
    assert '<a href="https://acme.example/a?b=1&amp;c=2">read</a>' in part(mail, "html")
    assert "Plant &amp; Sons" in part(mail, "html")


def test_nothing_heavy_is_loaded_before_a_renderer_is_made() -> None:
    code = (
        "import sys, nurture_cli.message.render, nurture_cli.message.names, nurture_cli.message.failure;"
        "sys.exit(any(name in sys.modules for name in ('jinja2', 'markdown_it', 'email.message', 'html.parser')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SAME = """
import hashlib, sys
from dataclasses import replace
from tests.message.workshop import ANN, AT, KEY, Workshop, asset
shop = Workshop()
contact = replace(ANN, tags=frozenset(map(str, range(50))))
made = shop.renderer.message(asset("Hi {{ contact.company }}"), contact, key=KEY, at=AT + int(sys.argv[1]))
posted = shop.renderer.document(asset("Hi", channel="hook"), contact, key=KEY, at=AT)
print(made.message_id, made.body_hash, posted.body_hash)
sys.stdout.flush()
sys.stdout.buffer.write(b"".join(line for line in made.data.splitlines(True) if not line.startswith(b"Date:")))
"""


def test_the_same_touch_is_the_same_bytes_in_two_processes_but_for_the_date() -> None:
    root = Path(__file__).parents[2]
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SAME, seconds],
            check=True,
            capture_output=True,
            cwd=root,
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONPATH": str(root)},
        ).stdout
        for seed, seconds in (("1", "0"), ("2", "7200"))
    ]

    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\r\n") > 20


def test_another_touch_has_another_identity() -> None:
    made = asset("Hi")
    first = SHOP.renderer.message(made, ANN, key="a/1/7/1", at=AT)
    second = SHOP.renderer.message(made, ANN, key="a/1/7/2", at=AT)

    assert first.message_id != second.message_id
    assert first.body_hash != second.body_hash


def test_today_is_the_contacts_own_date() -> None:
    late = 1772492400  # 2 March 2026, 23:00 UTC
    body = asset("It is {{ today | date }}.")

    def says(zone: str | None) -> bytes:
        return SHOP.renderer.message(body, replace(ANN, zone=zone), key=KEY, at=late).data

    assert b"It is 3 March 2026." in says(None)
    assert b"It is 2 March 2026." in says("America/New_York")
    assert b"It is 3 March 2026." in says("Nowhere/City")


# --- R24: no mail leaves incomplete


@pytest.mark.parametrize(
    ("body", "reason", "place"),
    [
        ("Hi {{ contact.frist_name }}", Flaw.UNDEFINED_VARIABLE, "templates/hello.md:6"),
        ("Hi\n\n- {{ contact.job_title }}", Flaw.UNDEFINED_VARIABLE, "templates/hello.md:8"),
        ("Hi {{ campaign.title }}", Flaw.UNDEFINED_VARIABLE, "templates/hello.md:6"),
        ("Hi {{ asset.link }}", Flaw.UNDEFINED_VARIABLE, "templates/hello.md:6"),
        ("Hi\n{% if %}", Flaw.TEMPLATE_ERROR, "templates/hello.md:7"),
        ("Hi\n{{ ", Flaw.TEMPLATE_ERROR, "templates/hello.md:7"),
        ("Hi\n\n{% endif %}", Flaw.TEMPLATE_ERROR, "templates/hello.md:8"),
        ("Hi {{#if x}}", Flaw.TEMPLATE_ERROR, "templates/hello.md:6"),
        ("{% if contact.job_title %}Hi{% endif %}", Flaw.TEMPLATE_ERROR, "templates/hello.md:6"),
        ("![](https://acme.example/only-a-picture.png)", Flaw.TEMPLATE_ERROR, "templates/hello.md:6"),
        ("", Flaw.TEMPLATE_ERROR, "templates/hello.md:6"),
        ("Dear *|FNAME|*", Flaw.UNRESOLVED_PLACEHOLDER, "templates/hello.md:6"),
        ("\nDear %FNAME%", Flaw.UNRESOLVED_PLACEHOLDER, "templates/hello.md:7"),
        ("Dear {FIRST_NAME}", Flaw.UNRESOLVED_PLACEHOLDER, "templates/hello.md:6"),
        ("Dear [[first_name]]", Flaw.UNRESOLVED_PLACEHOLDER, "templates/hello.md:6"),
        ("[a](javascript:alert(1))", Flaw.BAD_LINK, "templates/hello.md"),
        ("[a](/pricing)", Flaw.BAD_LINK, "templates/hello.md"),
        ("[a]()", Flaw.BAD_LINK, "templates/hello.md"),
        ("[a](#)", Flaw.BAD_LINK, "templates/hello.md"),
        ("[a](https://me:pw@acme.example/)", Flaw.BAD_LINK, "templates/hello.md"),
        ("Hi <a href = /x>a</a>", Flaw.BAD_LINK, "templates/hello.md"),
        ("Hi <img src='data:image/png;base64,AAAA' alt=x>", Flaw.BAD_LINK, "templates/hello.md"),
        ("[a](https://acme.example/?n={{ contact.company }})", Flaw.BAD_LINK, "templates/hello.md"),
    ],
)
def test_an_incomplete_body_is_refused_at_its_place(body: str, reason: Flaw, place: str) -> None:
    error = refused(body)

    assert error.reason is reason
    assert error.place == place
    assert isinstance(error, NurtureError)
    assert "Plant" not in error.sentence


@pytest.mark.parametrize(
    "subject", ["\"{{ contact.job_title | default('') }}\"", '"{{ contact.last_name }}"', '"\\u200b"']
)
def test_a_subject_in_which_nothing_is_seen_is_refused(subject: str) -> None:
    error = refused("Hi", contact=replace(ANN, last_name=" \u200b "), subject=subject)

    assert error.reason is Flaw.EMPTY_SUBJECT
    assert error.place == "templates/hello.md:4"


def test_a_subject_that_a_fact_makes_too_long_is_refused() -> None:
    error = refused("Hi", contact=replace(ANN, company="ä" * 500), subject='"{{ contact.company }}"')

    assert error.reason is Flaw.TOO_LONG


def test_a_template_error_in_the_subject_has_the_line_of_the_subject() -> None:
    assert refused("Hi", subject='"{{ contact.frist_name }}"').place == "templates/hello.md:4"


def test_without_a_postal_address_there_is_no_mail() -> None:
    assert refused("Hi", SHOP.sending(postal_address=" \n")).reason is Flaw.NO_POSTAL_ADDRESS


@pytest.mark.parametrize(
    ("files", "reason", "says"),
    [
        ({"_layout.txt": "{{ body }} {{ sender.postal_address }}"}, Flaw.NO_UNSUBSCRIBE, "text part"),
        ({"_layout.html": "{{ body }} {{ sender.postal_address }}"}, Flaw.NO_UNSUBSCRIBE, "HTML part"),
        ({"_layout.txt": "{{ body }} {{ unsubscribe_url }}"}, Flaw.NO_POSTAL_ADDRESS, "text part"),
        (
            {"_layout.html": "{{ body }} <a href='{{ unsubscribe_url }}'>x</a>"},
            Flaw.NO_POSTAL_ADDRESS,
            "HTML part",
        ),
        ({"_layout.html": "{{ sender.name }}"}, Flaw.TEMPLATE_ERROR, "never prints"),
        ({"_layout.html": "{{ body }}{{ x }}"}, Flaw.UNDEFINED_VARIABLE, "templates/_layout.html:1"),
        ({"_layout.html": "\n{{ body }}{% x %}"}, Flaw.TEMPLATE_ERROR, "templates/_layout.html:2"),
        ({"_layout.html": "{{ body }} *|UNSUB|*"}, Flaw.UNRESOLVED_PLACEHOLDER, "templates/_layout.html:1"),
    ],
)
def test_a_layout_without_what_the_law_asks_for_is_refused(files: dict[str, str], reason: Flaw, says: str) -> None:
    error = refused("Hi", Workshop(files))

    assert error.reason is reason
    assert says in error.sentence


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ({"link": "https://acme.example/{{contact.id}}"}, Flaw.UNRESOLVED_PLACEHOLDER),
        ({"title": "'Hi {{ contact.first_name }}'"}, Flaw.UNRESOLVED_PLACEHOLDER),
        ({"subject": "'Hi *|FNAME|*'"}, Flaw.UNRESOLVED_PLACEHOLDER),
        ({"preheader": "'Hi %FNAME%'"}, Flaw.UNRESOLVED_PLACEHOLDER),
    ],
)
def test_front_matter_that_waits_to_be_filled_is_refused(front: dict[str, str], reason: Flaw) -> None:
    assert refused(asset("Hi", **front)).reason is reason


def test_a_bad_link_in_the_front_matter_is_refused() -> None:
    made = replace(asset("Hi"), link="javascript:alert(1)", hash="another")

    assert refused(made).reason is Flaw.BAD_LINK


def test_a_leftover_in_the_sender_is_refused() -> None:
    assert refused("Hi", SHOP.sending(name="{{ company }}")).reason is Flaw.UNRESOLVED_PLACEHOLDER


def test_an_asset_that_cannot_be_prepared_is_refused_each_time_alike() -> None:
    made = asset("{% if %}")

    first, second = refused(made), refused(made)

    assert (first.sentence, first.place) == (second.sentence, second.place)


def test_one_contact_that_fails_stops_no_other() -> None:
    made = asset("Hi {{ contact.company }}")

    assert refused(made, contact=replace(ANN, company=None)).reason is Flaw.UNDEFINED_VARIABLE
    assert "Plant & Sons" in SHOP.text(made)


def test_a_slow_template_is_stopped() -> None:
    assert refused("{% for i in range(1000) %}" * 3 + "{% endfor %}" * 3).reason is Flaw.TOO_SLOW


def test_a_renderer_needs_a_configuration_that_could_be_read() -> None:
    broken = Workshop()
    broken.config = None  # type: ignore[assignment]
    with pytest.raises(Misconfigured):
        Renderer(broken, Keys(b"s" * 32))


# --- layouts and partials


def test_the_projects_own_layouts_are_used() -> None:
    footer = "{{ sender.postal_address }} {{ unsubscribe_url }}"
    shop = Workshop({
        "_layout.html": f"<x>{{{{ subject }}}}|{{{{ preheader }}}}|{{{{ body }}}}</x>{footer}",
        "_layout.txt": f"== {{{{ body }}}} == {footer}",
    })  # fmt: skip
    mail = shop.mail("**Hi**", subject="'A & B'", preheader="'{{ contact.company }}'")

    assert part(mail, "html").startswith("<x>A &amp; B|Plant &amp; Sons|<p><strong>Hi</strong></p>\n</x>")
    assert part(mail, "plain").startswith("== Hi == Acme GmbH")


def test_a_whole_page_gets_no_layout_around_it() -> None:
    page = (
        "<!DOCTYPE html><html><body><p>Hi</p><p>{{ sender.postal_address | nl2br }}</p>"
        "<a href='{{ unsubscribe_url }}'>off</a></body></html>"
    )
    mail = SHOP.mail(asset(page, suffix="html"))

    assert part(mail, "html").count("<body>") == 1
    assert part(mail, "plain").startswith("Hi\n\nAcme GmbH\nHafenstr. 1 & 2\n20457 Hamburg\n\noff (https://")
    assert refused(asset("<html><p>Hi</p></html>", suffix="html")).reason is Flaw.NO_UNSUBSCRIBE


def test_a_page_can_be_extended() -> None:
    base = "<html>{% block body %}{% endblock %}<p>{{ sender.postal_address }} {{ unsubscribe_url }}</p></html>"
    shop = Workshop({"_base.html": base})
    made = asset('{% extends "_base.html" %}{% block body %}<p>Hi <b>{{ contact.first_name }}</b></p>{% endblock %}',
                 suffix="html")  # fmt: skip

    assert "<p>Hi <b>Ann</b></p>" in shop.html(made)
    assert shop.text(made).startswith("Hi Ann\n\nAcme GmbH")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("_sig.md", "*Ines* <{{ sender.address }}>\nline [a]({{ unsubscribe_url }})"),
        ("_sig.html", "<i>Ines</i> &lt;{{ sender.address }}&gt;"),
        ("_sig.txt", "Ines <{{ sender.address }}>"),
    ],
)
def test_a_partial_is_fitted_to_the_part_in_which_it_is_used(file: str, text: str) -> None:
    shop = Workshop({file: text})
    made = f"Hi\n\n{{% include '{file}' %}}"

    assert "Ines <ines@news.acme.example>" in shop.text(made)
    assert "*" not in shop.text(made)
    assert "&lt;ines@news.acme.example&gt;" in re.sub(r"</?a\b[^>]*>", "", shop.html(made))


def test_an_error_in_a_partial_has_its_place_there() -> None:
    shop = Workshop({"_sig.md": "Hi\n\n{{ contact.job_title }}\n"})

    assert refused("x\n\n{% include '_sig.md' %}", shop).place == "templates/_sig.md:3"


def test_a_leftover_in_a_partial_is_refused() -> None:
    shop = Workshop({"_sig.md": "\nHi [[name]]\n"})

    assert refused("x\n\n{% include '_sig.md' %}", shop).place == "templates/_sig.md:2"


def test_an_asset_is_no_partial() -> None:
    assert refused("{% include 'other.md' %}", Workshop({"other.md": "secret"})).reason is Flaw.TEMPLATE_ERROR


# --- the pains of others


@pytest.mark.parametrize("name", [*CORE_TEXT_FIELDS, "employees", "renewal", "plan", "vip"])
def test_g1_a_missing_fact_is_named_or_replaced_never_swallowed(name: str) -> None:
    bare = Contact(id=1, email="x@plant.example", address_hash=b"x" * 16, stage="lead", stage_at=0)
    value = SHOP.text(f'[{{{{ contact.{name} | default("nothing") }}}}]', bare)

    if name in ("email", "stage", "consent"):
        assert value in ("[x@plant.example]", "[lead]", "[unknown]")
    else:
        assert value == "[nothing]"
        assert refused(f"{{{{ contact.{name} }}}}", contact=bare).reason is Flaw.UNDEFINED_VARIABLE


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
def test_g2_a_blank_name_is_a_missing_name(blank: str) -> None:
    assert (
        SHOP.text('Dear {{ contact.first_name | default("reader") }}', replace(ANN, first_name=blank)) == "Dear reader"
    )


def test_g3_errors_name_file_line_variable_and_cure() -> None:
    error = refused("Hi\n\nfrom {{ contact.compnay }}")

    assert str(error) == "templates/hello.md:8: There is no `contact.compnay`."
    assert error.hint == "Did you mean `contact.company`?"


def test_g5_the_text_part_has_the_links_of_the_html_part() -> None:
    mail = SHOP.mail(asset('<p><a href="https://acme.example/x?a=1&amp;b=2">Go</a></p>', suffix="html"))

    for address in ("https://acme.example/x?a=1", "https://acme.example/leave/"):
        assert address in part(mail, "plain")
        assert address in part(mail, "html")
    assert "**" not in SHOP.text("**bold** and [x](https://acme.example)")


def test_g7_a_subject_in_any_script_comes_back() -> None:
    for company in ("Größe & Söhne " * 6, "日本語の会社 " * 8, "Ελληνικά 😀 " * 7, "عربى " * 12):
        mail = SHOP.mail("Hi", replace(ANN, company=company.strip()), subject='"Für {{ contact.company }}: jetzt"')

        assert mail["Subject"] == f"Für {company.strip()}: jetzt"


@pytest.mark.parametrize(
    "first", ["Smith, Bob", 'Bob "the man"', "Bob <x@evil.example>", "Bob;", "Bob (x)", "bob@x.example,"]
)
def test_g8_a_name_with_a_comma_is_one_recipient(first: str) -> None:
    mail = SHOP.mail("Hi", replace(ANN, first_name=first, last_name=None))
    (recipient,) = mail["To"].addresses

    assert recipient.addr_spec == "ann@plant.example"
    assert recipient.display_name == first


def test_e8_links_are_escaped_exactly_once() -> None:
    nasty = "https://acme.example/a%2Fb+c?x=1&amp=2&copy=3&q=%22%27#frag;x"
    mail = SHOP.mail("[go]({{ asset.link }}) <{{ asset.link }}>", link=f"'{nasty}'")

    assert f"go ({nasty})\n{nasty}\n" in part(mail, "plain")
    assert nasty.replace("&", "&amp;").join(('href="', '"')) in part(mail, "html")


NAUGHTY = [
    "undefined", "null", "None", "NaN", "true", "1E5", "\\", "'; DROP TABLE contact;--", "<script>alert(1)</script>",
    "{{ 7*7 }}", "{% raw %}", "{#", "${7*7}", "%FNAME%", "*|FNAME|*", "[/]", "[red]x[/red]", "\x1b]0;x\x07", "\x1b[2J",
    "\u202etest\u202c", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "👩‍👩‍👧‍👦", "ﷺ", "\ufeff", "\u0000x", "\ud800", "=cmd|' /C calc'!A0",
    "\r\n\r\nBody", ".\r\n.",
    "__class__", "ÅÍÎÏ˝ÓÔÒÚÆ☃", "田中さん", "ثم نفس", "¯\\_(ツ)_/¯", "-- \n", "--=_x", "=?utf-8?q?x?=", "&lt;&amp;",
    "../../etc/passwd",
    "'", '"', "`", "<!--", "]]>", "\t", "<a href=javascript:alert(1)>", 'x" onclick="y', "http://evil.example",
    "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_any_name_makes_a_mail_that_can_be_read(name: str) -> None:
    contact = replace(ANN, first_name=name, company=name)
    made = SHOP.outgoing(
        'Hello {{ contact.first_name | default("x") }},\n\n- {{ contact.company | default("y") }}',
        contact,
        subject="\"Hi {{ contact.first_name | default('x') | first }}\"",
    )
    html = SHOP.html('Hello {{ contact.first_name | default("x") }}', contact)

    assert made.data.isascii()
    assert max(map(len, made.data.split(b"\r\n"))) <= 998
    assert "<script" not in html
    assert "<a href=java" not in html


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
def test_facts_stay_facts_in_both_parts(name: str, company: str) -> None:
    contact = replace(ANN, first_name=name, company=company)
    subject = "'{{ contact.company | default(1) }}.'"
    mail = SHOP.mail('<{{ contact.first_name | default("x") }}> *!*', contact, subject=subject)
    expected = part(SHOP.mail("&lt;x&gt; *!*"), "html")

    assert len(mail["To"].addresses) == 1
    for sign in '<>"':
        assert part(mail, "html").count(sign) == expected.count(sign)


def test_every_mail_of_the_worked_example_can_be_made() -> None:
    from nurture_cli.project import load_project

    project = load_project(Path(__file__).parents[2])
    assert project.config is not None
    renderer = Renderer(project, Keys(b"s" * 32))
    bare = Contact(id=1, email="x@plant.example", address_hash=b"x" * 16, stage="name", stage_at=0)
    for made in project.assets.values():
        task = isinstance(project.config.channels[made.channel].settings, Task)
        make = renderer.document if task else renderer.message

        assert make(made, bare, key=KEY, at=AT).data
