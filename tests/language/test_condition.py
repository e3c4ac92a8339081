from __future__ import annotations

import time
import warnings
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.config import names_of, parse_config
from nurture_cli.errors import WrongUsage
from nurture_cli.language.condition import MAX_LENGTH, parse_condition, parse_where, segments_in
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Condition,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Field,
    HasTag,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Received,
    Responses,
    Touches,
    Truth,
    Type,
)
from nurture_cli.language.functions import FunctionName
from nurture_cli.language.names import NameKind, Names
from nurture_cli.text.diagnostic import Diagnostic, Span
from tests.campaign.project_maker import CONFIG
from tests.examples import examples

DAY = 86400
HERE = Span("c.yml", 1, 1, 1)
VIP = Constant(True, HERE)
NAMES = Names(
    zone="Europe/Berlin",
    stages=("awareness", "lead", "customer"),
    fields={"employees": Type.NUMBER, "renewal": Type.DATE, "since": Type.DATE, "vip": Type.BOOLEAN, "note": Type.TEXT},
    assets=frozenset({"ebook", "pricing"}),
    segments={"buyers": Condition("vip", VIP, HERE)},
)


def said(text: str, names: Names = NAMES) -> tuple[Diagnostic, ...]:
    condition, found = parse_condition(text, Span("c.yml", 7, 11, 11 + len(text)), names)
    assert (condition is None) == bool(found)
    return found


def tree(text: str) -> Expression:
    condition, found = parse_condition(text, Span("c.yml", 1, 1, 1 + len(text)), NAMES)
    assert condition is not None, found
    return condition.body


def plain(node: object) -> object:
    """An expression without its places."""
    match node:
        case Literal(value):
            return value
        case Field(name):
            return name
        case All(parts):
            return ("and", *map(plain, parts))
        case Any(parts):
            return ("or", *map(plain, parts))
        case Not(body):
            return ("not", plain(body))
        case Compare(op, left, right):
            return (op, plain(left), plain(right))
        case Among(left, choices):
            return ("in", plain(left), [choice.value for choice in choices])
        case Contains(needle, field):
            return ("contains", field.name, needle)
        case Missing(operand):
            return ("missing", plain(operand))
        case Truth(field):
            return ("truth", field.name)
        case Constant(value):
            return value
        case Did(kind, asset, within, times, since):
            return ("did", kind, asset, within, times, since)
        case DaysSince(kind, asset):
            return ("days_since", kind, asset)
        case DaysUntil(field):
            return ("days_until", field.name)
        case Touches(within):
            return ("touches", within)
        case Measure(name):
            return ("measure", name)
        case Responses(within, stage):
            return ("responses", within, stage)
        case CompanyPeople(within):
            return ("company_people", within)
        case Burst(times, within, after):
            return ("burst", times, within, after)
        case Received(asset):
            return ("received", asset)
        case HasTag(tag):
            return ("tag", tag)
        case InSegment(name):
            return ("in_segment", name)
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("True", True),
        ('role == "user"', ("==", "role", "user")),
        ('"user" != role', ("!=", "user", "role")),
        ("employees >= 100", (">=", "employees", 100)),
        ("employees < -1.5", ("<", "employees", -1.5)),
        ('renewal < "2026-12-31"', ("<", "renewal", "2026-12-31")),
        ("renewal > since", (">", "renewal", "since")),
        ("vip", ("truth", "vip")),
        ("vip == False", ("==", "vip", False)),
        ("not vip", ("not", ("truth", "vip"))),
        (
            'vip and role == "a" or not vip',
            ("or", ("and", ("truth", "vip"), ("==", "role", "a")), ("not", ("truth", "vip"))),
        ),
        ('stage in ["lead", "customer"]', ("in", "stage", ["lead", "customer"])),
        ('stage not in ("lead",)', ("not", ("in", "stage", ["lead"]))),
        ('renewal in ["2026-01-01"]', ("in", "renewal", ["2026-01-01"])),
        ('"GmbH" in company', ("contains", "company", "GmbH")),
        ('"x" not in note', ("not", ("contains", "note", "x"))),
        ("role is None", ("missing", "role")),
        ('days_since("clicked", asset="ebook") is not None', ("not", ("missing", ("days_since", "clicked", "ebook")))),
        ('did("requested_demo")', ("did", "requested_demo", None, None, 1, None)),
        (
            'did("clicked", "ebook", within="7 days", times=3, since="2026-03-01")',
            ("did", "clicked", "ebook", 7 * DAY, 3, 1772319600),
        ),
        ('did("clicked", asset=None, within=None, since=None)', ("did", "clicked", None, None, 1, None)),
        ("clicked()", ("did", "clicked", None, None, 1, None)),
        ('attended("ebook", within="72h")', ("did", "attended", "ebook", 72 * 3600, 1, None)),
        ('visited(within="2 weeks")', ("did", "visited", None, 14 * DAY, 1, None)),
        ('received("ebook")', ("received", "ebook")),
        ("touches() > 3", (">", ("touches", None), 3)),
        ('touches("30 days") == 0', ("==", ("touches", 30 * DAY), 0)),
        (
            'days_since("clicked") > days_since("opened")',
            (">", ("days_since", "clicked", None), ("days_since", "opened", None)),
        ),
        ("days_until(renewal) <= 60", ("<=", ("days_until", "renewal"), 60)),
        ("fit >= 40", (">=", ("measure", "fit"), 40)),
        ("25.5 <= interest", ("<=", 25.5, ("measure", "interest"))),
        ("interest > fit", (">", ("measure", "interest"), ("measure", "fit"))),
        ('grade in ["A1", "B1"]', ("in", ("measure", "grade"), ["A1", "B1"])),
        ('grade != "C3"', ("!=", ("measure", "grade"), "C3")),
        ('furthest_stage == "customer"', ("==", ("measure", "furthest_stage"), "customer")),
        ("company_interest >= 80", (">=", ("measure", "company_interest"), 80)),
        ("responses() >= 2", (">=", ("responses", None, None), 2)),
        (
            'responses(within="14 days", stage="lead") in [1, 2]',
            ("in", ("responses", 14 * DAY, "lead"), [1, 2]),
        ),
        ('company_people("14 days") > 2', (">", ("company_people", 14 * DAY), 2)),
        ("company_people() > touches()", (">", ("company_people", None), ("touches", None))),
        ('not burst(times=3, within="7 days", after="60 days")', ("not", ("burst", 3, 7 * DAY, 60 * DAY))),
        ('tag("partner")', ("tag", "partner")),
        ('in_segment("buyers")', ("in_segment", "buyers")),
        ("  vip\n  and\n  vip  ", ("and", ("truth", "vip"), ("truth", "vip"))),
        ('company == "; DROP TABLE contact;--"', ("==", "company", "; DROP TABLE contact;--")),
        ('consent == "express"', ("==", "consent", "express")),
    ],
)
def test_a_condition_becomes_this_tree(text: str, expected: object) -> None:
    assert plain(tree(text)) == expected


def test_literals_take_the_type_of_what_they_are_compared_with() -> None:
    compare = tree('renewal < "2026-12-31"')
    assert isinstance(compare, Compare)
    assert isinstance(compare.right, Literal)
    assert compare.right.type is Type.DATE


def test_fields_know_whether_they_are_core() -> None:
    for text, core in (('role == "x"', True), ('note == "x"', False)):
        compare = tree(text)
        assert isinstance(compare, Compare)
        assert isinstance(compare.left, Field)
        assert (compare.left.core, compare.left.type) == (core, Type.TEXT)


def test_a_segment_brings_its_own_condition() -> None:
    found = tree('in_segment("buyers")')
    assert isinstance(found, InSegment)
    assert found.body is VIP


def test_a_condition_keeps_its_text_and_its_place() -> None:
    condition, _ = parse_condition(" vip ", Span("c.yml", 3, 9, 14), NAMES)
    assert condition == Condition(
        "vip",
        Truth(Field("vip", Type.BOOLEAN, False, Span("c.yml", 3, 10, 13)), Span("c.yml", 3, 10, 13)),
        Span("c.yml", 3, 9, 14),
    )


@pytest.mark.parametrize("before", ["", '"ä" in note and ', '"あ\U0001f600" in note or ', '  ("é" in note) and\n  '])
def test_the_place_of_a_name_counts_letters_not_bytes(before: str) -> None:
    text = before + "rol == 3"
    found = said(text)
    assert [one.rule for one in found] == ["unknown-field"]
    at = found[0].span
    assert text[at.col - 11 : at.end - 11] == "rol"


def test_all_mistakes_of_a_condition_are_found_at_once() -> None:
    found = said('rol == "x" and did("klicked", "ebok") or stage == "led" and tag(vip) and in_segment("buyer")')
    assert [one.rule for one in found] == [
        "unknown-field", "unknown-event-kind", "unknown-asset", "unknown-stage", "bad-argument", "unknown-segment",
    ]  # fmt: skip
    assert all((one.help or "").startswith(("Did you mean", "Write")) for one in found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tags contains kelp", 'tag("kelp")'),
        ("tags contains 'kelp tips' and vip", 'tag("kelp tips")'),
        ('tags = "kelp"', 'tag("kelp")'),
        ('tags == "kelp"', 'tag("kelp")'),
        ('vip and "kelp" != tags', 'not tag("kelp")'),
        ('"kelp" in tags', 'tag("kelp")'),
        ('tag == "kelp"', 'tag("kelp")'),
        ("'a \"b\"' not in tags", 'not tag("a \\"b\\"")'),
        ('has_tag("kelp")', 'tag("kelp")'),
        ("tags", 'tag("partner")'),
    ],
)
def test_a_tag_that_is_asked_for_in_another_way_is_told_with_its_name(text: str, meant: str) -> None:
    (found,) = said(text)
    assert found.help in (f"Write: {meant}", f"For example: {meant}")
    assert not parse_condition(meant, HERE, NAMES)[1]


def test_a_field_that_is_called_tags_is_a_field() -> None:
    names = replace(NAMES, fields={"tags": Type.TEXT})
    assert plain(parse_condition('"kelp" in tags', HERE, names)[0].body) == ("contains", "tags", "kelp")  # type: ignore[union-attr]


def test_names_of_a_sort_that_is_not_sure_are_no_mistake_and_no_condition() -> None:
    unsure = replace(NAMES, unsure=frozenset(NameKind))
    for text in ("rol == 3", 'did("x")', 'stage == "x"', 'in_segment("x")', 'clicked("x")'):
        assert parse_condition(text, HERE, unsure) == (None, ())
    assert said("rol = 3", unsure)


def test_a_segment_written_out_cannot_grow_without_bound() -> None:
    names = NAMES
    body = tree("vip and vip and vip and vip and vip")
    for level in range(5):
        names = replace(names, segments={**names.segments, f"s{level}": Condition("x", body, HERE)})
        text = " and ".join([f'in_segment("s{level}")'] * 5)
        condition, found = parse_condition(text, HERE, names)
        if condition is None:
            break
        body = condition.body
    assert [one.rule for one in found] == ["bad-condition"]
    assert "too large" in found[0].message


@pytest.mark.parametrize(
    "text",
    ["(" * 300 + "vip" + ")" * 300, "not " * 480 + "vip", "vip and (" * 150 + "vip" + ")" * 150,
     "-" * 1900 + "1 < employees",
     "vip" + " and vip" * 240, "a." * 900 + "b", "[" * 900, "lambda:" * 250 + "vip", "x" * (MAX_LENGTH + 1),
     "(" * 1999],
)  # fmt: skip
def test_deep_and_long_conditions_are_explained(text: str) -> None:
    began = time.process_time()
    condition, found = parse_condition(text, HERE, NAMES)
    assert condition is not None or found
    assert time.process_time() - began < 1


def test_python_gives_no_warnings_of_its_own() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("1or 2", 'note == "\\d"', '"a" is None', "0in [1]", "employees > 1if vip else 2"):
            said(text) if text != 'note == "\\d"' else tree(text)


def test_segments_named_in_a_text_are_found_without_binding() -> None:
    assert segments_in('in_segment("a") and not (rol or in_segment(name="b"))') == {"a", "b"}
    assert segments_in("in_segment(") == frozenset()


def test_every_function_can_be_called_as_its_example_says() -> None:
    assets = frozenset(
        {"zero-trust-webinar", "why-zero-trust", "white-paper", "zero-trust-ebook", "pricing", "case-study"}
    )
    names = Names(
        assets=assets,
        fields={"renewal_date": Type.DATE},
        stages=("awareness", "decision"),
        segments={"decision-makers": Condition("True", VIP, HERE)},
    )
    for function in FunctionName:
        condition, found = parse_condition(function.example, HERE, names)
        assert condition is not None, found
        made = condition.body.left if isinstance(condition.body, Compare) else None
        assert function.gives is (Type.BOOLEAN if made is None else made.type)
        assert function in function.signature


def test_every_measure_can_be_named_as_its_example_says() -> None:
    names = replace(NAMES, stages=(*NAMES.stages, "opportunity"))
    for measure in MeasureName:
        condition, found = parse_condition(measure.example, HERE, names)
        assert condition is not None, found
        assert measure.sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("fit", "condition-type"),
        ("not interest", "condition-type"),
        ('interest > "much"', "condition-type"),
        ('grade == "A4"', "condition-type"),
        ('grade >= "B1"', "condition-type"),
        ('grade in ["A1", "D1"]', "condition-type"),
        ('furthest_stage > "lead"', "condition-type"),
        ('furthest_stage == "led"', "unknown-stage"),
        ('"A" in grade', "bad-condition"),
        ("grades == 3", "unknown-field"),
        ("responses()", "condition-type"),
        ('responses(stage="led") > 1', "unknown-stage"),
        ('responses("7 days") > 1', "bad-argument"),
        ('company_people(within="3 business days") > 1', "bad-argument"),
        ('burst(times=3, within="7 days")', "bad-argument"),
        ('burst(times=1001, within="7 days", after="7 days")', "bad-argument"),
        ('burst(times=3, within="7 days", after="7 days") > 2', "condition-type"),
        ("days_until(interest) > 2", "bad-condition"),
    ],
)
def test_a_score_or_count_that_is_misused_is_told_so(text: str, rule: str) -> None:
    assert {found.rule for found in said(text)} == {rule}


def test_a_condition_on_the_command_line_is_bound_to_the_project() -> None:
    config = parse_config(CONFIG.encode(), "nurture.yml", {"ebook"}).config
    assert config is not None
    assert plain(parse_where('in_segment("buyers") and clicked("ebook")', names_of(config, {"ebook"})).body) == (
        "and", ("in_segment", "buyers"), ("did", "clicked", "ebook", None, 1, None),
    )  # fmt: skip
    assert names_of(config, {"ebook"}).zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ('rol == "x"', 'There is no field `rol`.\n  rol == "x"\n  ^^^', "Did you mean `role`?"),
        ("vip &&\nvip", "`&&` has no meaning in conditions.\n  vip && vip\n      ^^", "Write `and` for `&&`."),
        ("", "The condition is empty.\n  \n  ^", "Write `True` for all contacts."),
    ],
)
def test_a_mistake_on_the_command_line_is_shown_under_the_word(text: str, sentence: str, hint: str) -> None:
    config = parse_config(CONFIG.encode(), "nurture.yml", ()).config
    assert config is not None
    with pytest.raises(WrongUsage) as error:
        parse_where(text, names_of(config, ()))
    assert (error.value.sentence, error.value.hint) == (sentence, hint)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\udcff", "vip and \0", "x" * 3000])
def test_what_cannot_be_shown_is_not_repeated(text: str) -> None:
    config = parse_config(CONFIG.encode(), "nurture.yml", ()).config
    assert config is not None
    with pytest.raises(WrongUsage) as error:
        parse_where(text, names_of(config, ()))
    assert text not in error.value.sentence


WORDS = st.sampled_from(
    ["vip", "role", "employees", "renewal", "stage", "did", "(", ")", "[", "]", "{", "}", ",", '"x"', '"ebook"',
     '"clicked"',
     "'", '"', "==", "!=", "<", ">=", "=", "and", "or", "not", "in", "is", "None", "True", "3", "-1", "1e400", "7d",
     "&&", "!",
     "clicked", "tag", "interest", "grade", "responses", "burst", "stage=",
     "touches", "days_until", "in_segment", "within=", "times=", "*", "**", ".", "#", "lambda", ":",
     ":=",
     "if", "else", "for", "f'{role}'", "b'x'", "...", "1j", "ä", "“", "\\", "\n", "@", "await", "yield", "0x10", "1_0"],
)  # fmt: skip


@settings(max_examples=examples(400))
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_condition_or_explained_inside_the_text(text: str) -> None:
    condition, found = parse_condition(text, Span("c.yml", 1, 1, 1 + len(text)), NAMES)
    assert (condition is None) == bool(found)
    for one in found:
        assert 1 <= one.span.col <= one.span.end <= len(text) + 2
        assert one.message.endswith((".", "?"))
