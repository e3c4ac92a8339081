"""The sandbox: what templates may say, and everything that they may not do."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

from nurture_cli.message import limits
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.limits import Limited, TooSlow
from nurture_cli.message.piece import Piece
from nurture_cli.message.record import Record
from nurture_cli.message.templates import Templates

CONTACT = Record("contact", {"first_name": "Ann", "last_name": None, "evil": "<b>'\"&{{ 7*7 }}", "sites": 3.0})


LONG = "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 19  # half a million letters


def templates(partials: dict[str, str] | None = None, *, html: bool = True) -> Templates:
    files = {name: Piece(f"templates/{name}", text) for name, text in (partials or {}).items()}
    return Templates(files.get, tuple(files), html=html)


def render(text: str, *, html: bool = True, seconds: float = 1.0, **partials: str) -> str:
    """The template rendered; partials are named without their `.html`."""
    made = templates({f"{name}.html": body for name, body in partials.items()}, html=html)
    try:
        with Limited(seconds):
            compiled = made.compile(Piece("templates/a.html", text, first=10))
            return compiled.render({"contact": CONTACT, "unsubscribe_url": None})
    except TooSlow:  # the alarm came while the error was being explained; `message.render` expects it, too
        raise RenderError(Flaw.TOO_SLOW, "The template takes too long.") from None


def refused(text: str, *, html: bool = True, seconds: float = 1.0, **partials: str) -> RenderError:
    with pytest.raises(RenderError) as caught:
        render(text, html=html, seconds=seconds, **partials)
    return caught.value


def test_a_fact_is_printed_and_escaped_in_html_only() -> None:
    assert render("{{ contact.evil }}") == "&lt;b&gt;&#39;&#34;&amp;{{ 7*7 }}"
    assert render("{{ contact.evil }}", html=False) == CONTACT.values["evil"]


def test_a_fact_is_rendered_once_however_often_it_passes_through() -> None:
    text = "{% set x = contact.evil %}{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x ~ '') }}"

    assert render(text, html=False) == CONTACT.values["evil"]


def test_a_missing_fact_cannot_be_printed() -> None:
    error = refused("\n\nHi {{ contact.last_name }}")

    assert error.reason is Flaw.UNDEFINED_VARIABLE
    assert str(error) == "templates/a.html:12: `contact.last_name` has no value for this contact."
    assert error.hint == 'Say what to print instead: {{ contact.last_name | default("…") }}'


@pytest.mark.parametrize(
    "expression",
    [
        "contact.last_name | upper", "contact.last_name ~ 'x'", "'x' ~ contact.last_name", "contact.last_name + 'x'",
        "contact.last_name > 3", "contact.last_name | length", "contact.last_name | join", "contact.last_name | int",
        "contact.last_name[0]", "contact.last_name[:1]", "contact.last_name()", "contact.last_name.x",
        "contact.last_name | date", "contact.last_name | replace('a', 'b')", "['x', contact.last_name] | join",
        "contact.last_name | urlencode", "contact.last_name | e", "contact.last_name | round", "contact.last_name * 2",
        "contact.last_name | first", "contact['last_name']", "contact.last_name | trim", "contact.last_name | nl2br",
    ],
)  # fmt: skip
def test_a_missing_fact_is_named_whatever_is_done_with_it(expression: str) -> None:
    error = refused("{{ " + expression + " }}")

    assert error.reason is Flaw.UNDEFINED_VARIABLE
    assert "`contact.last_name` has no value" in str(error)


def test_default_stands_in_for_a_missing_fact() -> None:
    assert render('{{ contact.last_name | default("there") }}') == "there"
    assert render('{{ contact.first_name | default("there") }}') == "Ann"
    assert render("{{ contact.last_name | d(contact.first_name) }}") == "Ann"
    assert render('{{ contact.last_name or "there" }}') == "there"


def test_a_missing_fact_can_be_asked_for() -> None:
    text = (
        "{% if contact.last_name %}a{% endif %}{% if not contact.last_name %}b{% endif %}"
        "{% if contact.last_name is none %}c{% endif %}{% if contact.last_name == none %}d{% endif %}"
        "{% if contact.last_name is defined %}e{% endif %}{% if contact.last_name != 'x' %}f{% endif %}"
        "{% if contact.last_name in ['x'] %}g{% endif %}{% if contact.last_name == contact.first_name %}h{% endif %}"
    )

    assert render(text) == "bcdf"


@pytest.mark.parametrize("text", ["{{ contact.frist_name }}", "{% if contact.frist_name %}{% endif %}"])
def test_a_mistyped_fact_is_an_error_with_the_nearest_name(text: str) -> None:
    error = refused(text)

    assert error.reason is Flaw.UNDEFINED_VARIABLE
    assert str(error) == "templates/a.html:10: There is no `contact.frist_name`."
    assert error.hint == "Did you mean `contact.first_name`?"


def test_default_does_not_hide_a_mistyped_name() -> None:
    assert refused('{{ contact.frist_name | default("there") }}').reason is Flaw.UNDEFINED_VARIABLE
    assert refused('{{ frist_name | default("there") }}').reason is Flaw.UNDEFINED_VARIABLE


def test_a_bare_field_name_is_an_error_that_says_whose_it_is() -> None:
    assert refused("{{ first_name }}").hint == "Did you mean `contact.first_name`?"


@pytest.mark.parametrize("text", ["{{ none }}", "{{ unsubscribe_url }}", "{{ 'a' ~ none }}", "{{ [none] | join }}"])
def test_none_is_never_printed(text: str) -> None:
    assert refused(text).reason in (Flaw.UNDEFINED_VARIABLE, Flaw.TEMPLATE_ERROR)


@pytest.mark.parametrize("what", ["contact", "[1]", "{'a': 1}", "range", "self", "contact | upper", "range(3)"])
def test_only_text_and_numbers_are_printed(what: str) -> None:
    assert refused("{{ " + what + " }}").reason is Flaw.TEMPLATE_ERROR


def test_numbers_are_printed_as_people_write_them() -> None:
    assert render("{{ contact.sites }} {{ 2.5 }} {{ 1 + 2 }} {{ 7 % 4 * 2 }}") == "3 2.5 3 6"


def test_an_inline_if_without_else_prints_nothing() -> None:
    assert render("a{{ ', ' ~ contact.last_name if contact.last_name }}b") == "ab"


@pytest.mark.parametrize(
    "payload",
    [
        "{{ contact.__class__ }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ contact.values }}",
        "{{ contact['__class__'] }}", "{{ contact.first_name.__class__ }}", "{{ contact.first_name['__class__'] }}",
        "{{ contact.first_name.format('x') }}", "{{ '{0.__class__}'.format(contact) }}", "{{ contact.__init__ }}",
        "{{ config }}", "{{ request.application.__globals__ }}", "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}", "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ joiner.__init__.__globals__ }}",
        "{{ namespace.__init__.__globals__ }}", "{{ range.__self__ }}", "{{ range.__call__ }}",
        "{{ ''|attr('__class__') }}", "{{ contact|attr('values') }}", "{{ [].append(1) }}", "{{ {}.update({}) }}",
        "{{ ().__class__.__bases__[0].__subclasses__() }}", "{{ [].__class__.__base__ }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "{{ dict.__base__ }}",
        "{% set x = contact.first_name.encode %}{{ x() }}", "{{ get_flashed_messages.__globals__ }}",
        "{{ url_for.__globals__ }}", "{{ ''['__cl' ~ 'ass__'] }}", "{{ contact['__cl' ~ 'ass__'] }}",
        "{{ ''[['__cl','ass__']|join] }}", "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
        "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}", "{% macro m() %}{% endmacro %}{{ m.name }}",
        "{% for i in [1] %}{{ loop.__class__ }}{% endfor %}", "{% for i in [1] %}{{ loop._iterable }}{% endfor %}",
        "{% for i in [1] %}{{ loop.cycle.__globals__ }}{% endfor %}", "{{ environment }}", "{{ context }}",
        "{% import '_m.html' as m %}{{ m.__dict__ }}", "{% import '_m.html' as m %}{{ m._body_stream }}",
        "{% block x %}{{ super.__globals__ }}{% endblock %}", "{{ caller }}", "{{ varargs }}",
        "{{ ''|map('upper') }}", "{{ 'x'|format }}", "{{ contact|pprint }}", "{{ contact|tojson }}",
        "{{ contact|list }}", "{{ contact|items }}", "{{ contact|xmlattr }}", "{{ 'x'|safe }}", "{{ '%c'|format(0) }}",
        "{% set contact.first_name = 'x' %}", "{% do 1 %}", "{% debug %}", "{{ contact.first_name|_part }}{{ x }}",
    ],
)  # fmt: skip
def test_no_way_leads_out_of_the_sandbox(payload: str) -> None:
    error = refused(payload, _m="{% set a = 1 %}")

    assert error.reason in (Flaw.TEMPLATE_ERROR, Flaw.UNDEFINED_VARIABLE)
    assert "<" not in error.sentence  # no representation of an object


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        ("{% set a = 'x' %}" + "{% set a = a ~ a %}" * 60, Flaw.TOO_LONG),
        ("{% set a = 'x' %}" + "{% set a = a + a %}" * 60, Flaw.TOO_LONG),
        ("{% set a = 'x' %}" + "{% set a = [a, a] | join %}" * 60, Flaw.TOO_LONG),
        ("{% set a = 'x' %}" + "{% set a = a | replace('x', 'xxxxxxxx') %}" * 40, Flaw.TOO_LONG),
        ("{% set a = 'x' %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60, Flaw.TOO_LONG),
        ("{% set a = 9 %}" + "{% set a = a * a %}" * 60, Flaw.TOO_LONG),
        ("{% for i in range(1000) %}" * 2 + "x" * 99 + "{% endfor %}" * 2, Flaw.TOO_LONG),
        (
            "{% macro m() %}{% for i in range(1000) %}" + "x" * 9999 + "{% endfor %}{% endmacro %}{{ m() }}",
            Flaw.TOO_LONG,
        ),
        (
            "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 19 + "{{ [" + "a[1:]," * 100 + "] | length }}",
            Flaw.TOO_LONG,
        ),
        ("{{ range(10000000000) }}", Flaw.TOO_LONG),
        ("{{ 'x' | replace('', 'y') }}" * 2 + "{{ 'a' * 10000000000 }}", Flaw.TEMPLATE_ERROR),
        ("{{ 9 ** 9 ** 9 ** 9 }}", Flaw.TEMPLATE_ERROR),
        ("{{ '%0999999999d' % 1 }}", Flaw.TEMPLATE_ERROR),
        ("{{ 1.5 | round(999999999) }}", Flaw.TEMPLATE_ERROR),
        ("{{ contact.first_name | date('%0999999999d') }}", Flaw.TEMPLATE_ERROR),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", Flaw.TEMPLATE_ERROR),
        ("{% include '_a.html' %}", Flaw.TEMPLATE_ERROR),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", Flaw.TEMPLATE_ERROR),
        ("{% if 1 %}" * 300 + "{% endif %}" * 300, Flaw.TEMPLATE_ERROR),
        ("{{ 1" + " + 1" * 20000 + " }}", Flaw.TEMPLATE_ERROR),
        ("x" * 1_000_001, Flaw.TOO_LONG),
        ("{% if '%0999999999d' is odd %}{% endif %}", Flaw.TEMPLATE_ERROR),
        ("{% if '%0999999999d' is even %}{% endif %}", Flaw.TEMPLATE_ERROR),
        ("{% if '%0999999999d' is divisibleby 3 %}{% endif %}", Flaw.TEMPLATE_ERROR),
        ("{% if 3 is divisibleby '3' %}{% endif %}", Flaw.TEMPLATE_ERROR),
        (LONG + "{{ a | trim(a) }}", Flaw.TEMPLATE_ERROR),
        (LONG + "{{ a | trim(1) }}", Flaw.TEMPLATE_ERROR),
        ("{% set a = '\n<' * 1 %}", Flaw.TEMPLATE_ERROR),
        (LONG + "{% set a = a | replace('x', '\n<') %}" + "{% set a = a | nl2br %}" * 40, Flaw.TOO_LONG),
        ("{{ 0x" + "f" * 40_000 + " // 0x" + "e" * 20_000 + " }}", Flaw.TEMPLATE_ERROR),
        ("{{ 0x" + "f" * 40_000 + " }}", Flaw.TEMPLATE_ERROR),
        ("{% set a, b = [1], [1] %}" + "{% set a, b = [a, a], [b, b] %}" * 60 + "{{ a == b }}", Flaw.TOO_LONG),
        ("{% set a = (1,) %}" + "{% set a = (a, a) %}" * 60 + "{{ {a: 1} | length }}", Flaw.TOO_LONG),
        ("{% set a = {1: 1} %}" + "{% set a = {1: a, 2: a} %}" * 60 + "{{ a | urlencode }}", Flaw.TOO_LONG),
        (
            "{% macro m(n) %}{{ m(n + 1, varargs, varargs) if n < 60 else varargs == [] }}{% endmacro %}{{ m(0) }}",
            Flaw.TOO_LONG,
        ),
        (LONG + "{% set a = [" + "a," * 5_000 + "] %}{{ a | int }}", Flaw.TEMPLATE_ERROR),
        (LONG + "{% set a = [" + "a," * 5_000 + "] %}{{ a | date }}", Flaw.TEMPLATE_ERROR),
        ("{{ '' }}" * 4_000, Flaw.TEMPLATE_ERROR),
    ],
)
def test_a_template_that_grows_is_stopped_at_once(bomb: str, reason: Flaw) -> None:
    began = time.thread_time()

    error = refused(bomb, seconds=20, _a="{% include '_a.html' %}")

    assert error.reason is reason
    assert time.thread_time() - began < 5


def doubling(depth: int) -> dict[str, str]:
    """Partials of which each includes the next one twice, `_0` first."""
    return {f"_{at}": f"{{% include '_{at + 1}.html' %}}" * 2 for at in range(depth)} | {f"_{depth}": ""}


SLOW = (
    "{% include '_0.html' %}",
    "{% set a %}{% include '_0.html' %}{% endset %}",
    LONG + "{% set b = a ~ 'y' %}" + "{% if b in a %}{% endif %}" * 900 + "{% include '_0.html' %}",
    "{% for i in range(1000) %}" * 3 + "{% endfor %}" * 3,
    "{% for i in [1] recursive %}{{ loop([1, 1]) if loop.depth < 60 }}{% endfor %}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(100) }}",
)


@pytest.mark.parametrize("text", SLOW)
def test_a_template_that_runs_on_is_stopped_when_its_time_is_up(text: str) -> None:
    began = time.thread_time()

    error = refused(text, seconds=0.2, **doubling(30))

    assert error.reason is Flaw.TOO_SLOW
    assert time.thread_time() - began < 2


@pytest.mark.parametrize("text", SLOW)
def test_the_time_is_up_in_other_threads_too(text: str) -> None:
    reasons: list[Flaw] = []

    def look() -> None:
        reasons.append(refused(text, seconds=0.2, **doubling(30)).reason)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(10)

    assert reasons == [Flaw.TOO_SLOW]


def test_only_work_takes_time() -> None:
    with Limited(0.05):
        time.sleep(0.3)  # as when the machine is busy with other things
        limits.check_time()


def test_every_operation_on_texts_looks_at_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    class Watch:
        @staticmethod
        def monotonic() -> float:
            nonlocal looks
            looks += 1
            return 0.0

        @staticmethod
        def thread_time() -> float:
            return 0.0

    monkeypatch.setattr(limits, "time", Watch)
    for text in (
        "{% if 'a' in 'b' %}{% endif %}", "{% if 'a' == 'b' %}{% endif %}", "{% set a = 'a' | upper %}",
        "{% set a = 'a' | trim %}", "{% set a = 'a' | replace('b', 'c') %}", "{% set a = 'a' | title %}",
        "{% set a = 'a' | urlencode %}", "{% set a = 'a' ~ 'b' %}", "{% set a = 'abc'[1:] %}", "{% set a = 'a' | e %}",
        "{% set a = 'a' | nl2br %}", "{% set a = [1] %}", "{% set a = 'a' is upper %}", "{% set a = 'a' in ['b'] %}",
        "{% set a = 1 is in [1] %}", "{% set a = 'a' is eq 'b' %}", "{% set a = 'a' | int %}",
    ):  # fmt: skip
        before = looks
        render(text)
        first, before = looks - before, looks
        render(text * 5)

        assert looks - before >= first + 4, text


def test_an_alarm_of_somebody_else_goes_on_afterwards() -> None:
    def handler(*_: object) -> None:
        raise AssertionError("the alarm rang")

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 100, 7)
    try:
        assert render("x{{ 1 }}") == "x1"
        left, every = signal.getitimer(signal.ITIMER_REAL)

        assert signal.getsignal(signal.SIGALRM) is handler
        assert 99 < left <= 100
        assert every == 7
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_no_alarm_is_left_behind() -> None:
    refused("{{ x }}")

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_after_a_slow_template_the_next_one_has_its_full_time() -> None:
    made = templates()
    slow = made.compile(Piece("a", SLOW[-1]))
    quick = made.compile(Piece("a", "{% for i in range(1000) %}{{ i }}{% endfor %}"))
    for _ in range(2):
        with pytest.raises(RenderError), Limited(0.05):
            slow.render({})
        with Limited():
            assert len(quick.render({})) == 2890


def test_a_partial_is_included_extended_and_imported() -> None:
    partials: dict[str, Any] = {
        "_page": "<{% block body %}{% endblock %}>",
        "_hi": "Hi {{ contact.first_name }}",
        "_lib": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}",
        "_who": "{% macro name() %}Dear {{ contact.first_name }}{% endmacro %}",
    }

    assert render("{% include '_hi.html' %}!", **partials) == "Hi Ann!"
    assert render("{% extends '_page.html' %}{% block body %}x{% endblock %}", **partials) == "<x>"
    assert render("{% from '_lib.html' import twice %}{{ twice(contact.evil) }}", **partials).count("&lt;") == 2
    assert render("{% import '_lib.html' as lib %}{{ lib.twice('y') }}", **partials) == "yy"
    for macro in ("{% import '_who.html' as who %}{{ who.name() }}", "{% from '_who.html' import name %}{{ name() }}"):
        assert render(macro, **partials) == "Dear Ann"


@pytest.mark.parametrize(
    "name",
    [
        "../secret", "/etc/passwd", "_a/../../x", "C:/x", "file:///etc/passwd", "%2e%2e/x", "_b.html\\0", "", ".",
        "nurture.yml", "why-zero-trust.md", "_a.html/", "./_a.html", "_A.html",
    ],
)  # fmt: skip
def test_no_other_file_can_be_included(name: str) -> None:
    error = refused("{% include '" + name + "' %}", _a="x")

    assert error.reason is Flaw.TEMPLATE_ERROR
    assert "to include" in error.sentence


def test_a_missing_partial_is_named_with_the_nearest_one() -> None:
    error = refused("{% include '_singature.html' %}", _signature="x")

    assert error.hint == "Did you mean `_signature.html`?"


def test_the_name_of_a_partial_must_be_written_down() -> None:
    assert "quotation marks" in refused("{% include contact.first_name %}").sentence


def test_escaping_cannot_be_switched_off() -> None:
    assert "autoescape" in refused("{% autoescape false %}{{ contact.evil }}{% endautoescape %}").sentence


def test_an_error_names_the_file_and_line_in_which_it_is() -> None:
    partials: dict[str, Any] = {
        "_b": "x\n\n{{ contact.last_name }}",
        "_m": "\n{% macro f(x) %}\n{{ x.y }}{% endmacro %}",
    }

    assert refused("a\n{% include '_b.html' %}", **partials).place == "templates/_b.html:3"
    assert refused("{% from '_m.html' import f %}\n{{ f(contact) }}", **partials).place == "templates/_m.html:3"
    assert refused("a\n{% if %}").place == "templates/a.html:11"
    assert refused("a\n{{ 1 }}\n{{ 1 | nosuch }}").place == "templates/a.html:12"
    assert refused("a\n{% include '_c.html' %}", _c="x\n{% endif %}").place == "templates/_c.html:2"


def test_errors_of_syntax_are_sentences() -> None:
    assert refused("{{ x ").sentence.endswith("Unexpected end of template, expected 'end of print statement'.")
    assert refused("{% foo %}").sentence.startswith("templates/a.html:10: Encountered unknown tag 'foo'.")
    assert refused("{{ 1 | uper }}").hint == "Did you mean `upper`?"
    assert refused("{% if 1 is evn %}{% endif %}").hint == "Did you mean `even`?"


def test_values_that_do_not_fit_together_are_an_error_without_the_values() -> None:
    error = refused("{{ contact.first_name < 3 }}")

    assert error.reason is Flaw.TEMPLATE_ERROR
    assert "Ann" not in error.sentence


def test_loops_know_where_they_are() -> None:
    text = "{% for x in ['a', 'b'] %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{{ loop.length }}{% endfor %}"

    assert render(text) == "1a,22b2"


def test_macros_escape_once() -> None:
    assert render("{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(contact.evil) }}").startswith("<i>&lt;b&gt;")
