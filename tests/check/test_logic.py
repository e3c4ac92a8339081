"""What is said to follow from a condition does follow, for every contact."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.expression import (
    All,
    Among,
    Any,
    Compare,
    Constant,
    Did,
    Expression,
    Field,
    InSegment,
    Literal,
    Missing,
    Not,
    Truth,
    Type,
)
from nurture_cli.check.logic import disjoint, implies
from nurture_cli.check.values import shape

HERE, THERE = Span("a.yml", 1, 1, 2), Span("b.yml", 9, 9, 10)
STAGE = Field("stage", Type.TEXT, core=True, span=HERE)
ROLE = Field("role", Type.TEXT, core=True, span=HERE)
EMPLOYEES = Field("employees", Type.NUMBER, core=False, span=HERE)
NEWSLETTER = Field("newsletter", Type.BOOLEAN, core=False, span=HERE)
ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def text(value: str) -> Literal:
    return Literal(value, Type.TEXT, HERE)


def number(value: float) -> Literal:
    return Literal(value, Type.NUMBER, HERE)


def stage(name: str) -> Compare:
    return Compare("==", STAGE, text(name), HERE)


def did(kind: str, asset: str | None = None, within: int | None = None, times: int = 1) -> Did:
    return Did(kind, asset, within, times, None, HERE)


@dataclass(frozen=True)
class Person:
    facts: dict[str, str | int | bool | None]
    events: tuple[tuple[str, str, int], ...]  # kind, asset, age in seconds


def holds(body: Expression, person: Person) -> bool:
    match body:
        case Constant(value=value):
            return value
        case All(parts=parts):
            return all(holds(part, person) for part in parts)
        case Any(parts=parts):
            return any(holds(part, person) for part in parts)
        case Not(body=inner) | InSegment(body=inner):
            return holds(inner, person) is not isinstance(body, Not)
        case Missing(operand=operand):
            return value_of(operand, person) is None
        case Truth(field=field):
            return value_of(field, person) is True
        case Among(left=left, choices=choices):
            return value_of(left, person) in [choice.value for choice in choices]
        case Compare(op=op, left=left, right=right):
            one, other = value_of(left, person), value_of(right, person)
            if one is None or other is None:
                return op == "!="
            return one == other if op == "==" else one != other if op == "!=" else ORDERED[op](one, other)
        case Did():
            fitting = [
                age
                for kind, asset, age in person.events
                if kind == body.kind and body.asset in (None, asset) and (body.within is None or age < body.within)
            ]
            return len(fitting) >= body.times
        case _:
            raise AssertionError(body)


def value_of(operand: object, person: Person) -> str | int | float | bool | None:
    return operand.value if isinstance(operand, Literal) else person.facts[operand.name]


stages, roles, numbers = st.sampled_from("abc"), st.sampled_from(["user", "buyer"]), st.integers(0, 4)
comparisons = st.one_of(
    st.builds(lambda op, name: Compare(op, STAGE, text(name), HERE), st.sampled_from(["==", "!="]), stages),
    st.builds(lambda op, name: Compare(op, text(name), ROLE, HERE), st.sampled_from(["==", "!="]), roles),
    st.builds(
        lambda op, value, turned: (
            Compare(op, number(value), EMPLOYEES, HERE) if turned else Compare(op, EMPLOYEES, number(value), HERE)
        ),
        st.sampled_from(["==", "!=", *ORDERED]),
        numbers,
        st.booleans(),
    ),
)
atoms = st.one_of(
    comparisons,
    st.builds(Constant, st.booleans(), st.just(HERE)),
    st.builds(lambda names: Among(STAGE, tuple(map(text, names)), HERE), st.lists(stages, min_size=1, max_size=3)),
    st.builds(lambda names: Among(ROLE, tuple(map(text, names)), HERE), st.lists(roles, min_size=1, max_size=2)),
    st.sampled_from(
        [Missing(ROLE, HERE), Missing(EMPLOYEES, HERE), Truth(NEWSLETTER, HERE), Missing(NEWSLETTER, HERE)]
    ),
    st.builds(
        did,
        st.sampled_from(["clicked", "opened"]),
        st.sampled_from([None, "x"]),
        st.sampled_from([None, 5, 10]),
        st.integers(1, 2),
    ),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(Not, inner, st.just(HERE)),
        st.builds(lambda body: InSegment("s", body, HERE), inner),
        st.builds(All, st.tuples(inner, inner), st.just(HERE)),
        st.builds(Any, st.tuples(inner, inner), st.just(HERE)),
    ),
    max_leaves=4,
)
people = st.builds(
    lambda stage, role, employees, newsletter, events: Person(
        {"stage": stage, "role": role, "employees": employees, "newsletter": newsletter}, tuple(events)
    ),
    stages,
    st.none() | roles,
    st.none() | numbers,
    st.none() | st.booleans(),
    st.lists(
        st.tuples(st.sampled_from(["clicked", "opened"]), st.sampled_from(["", "x"]), st.integers(0, 12)), max_size=3
    ),
)


@given(conditions, conditions, st.lists(people, min_size=12, max_size=12))
@settings(max_examples=150, deadline=None)
def test_what_is_said_to_follow_follows_for_everybody(
    first: Expression, second: Expression, everybody: list[Person]
) -> None:
    follows, apart = implies(first, second), disjoint(first, second)

    for person in everybody:
        if holds(first, person):
            assert not follows or holds(second, person)
            assert not apart or not holds(second, person)


def test_a_stage_implies_a_list_with_it_and_excludes_one_without() -> None:
    some = Among(STAGE, (text("a"), text("b")), HERE)

    assert implies(stage("a"), some)
    assert not implies(stage("c"), some)
    assert disjoint(stage("c"), some)
    assert not disjoint(stage("a"), some)


def test_a_part_of_a_conjunction_is_implied_by_the_whole() -> None:
    whole = All((stage("a"), did("clicked", "x")), HERE)

    assert implies(whole, stage("a"))
    assert implies(whole, Any((did("clicked"), stage("b")), HERE))
    assert not implies(stage("a"), whole)


def test_an_event_implies_a_wider_question_about_it() -> None:
    assert implies(did("clicked", "x", within=5), did("clicked"))
    assert implies(did("clicked", times=3), did("clicked", times=2))
    assert not implies(did("clicked"), did("clicked", "x"))
    assert not implies(did("clicked", within=10), did("clicked", within=5))
    assert not implies(did("clicked", times=2), did("clicked", times=3))


def test_a_missing_value_differs_from_every_constant_and_equals_none() -> None:
    missing = Missing(ROLE, HERE)

    assert implies(missing, Compare("!=", ROLE, text("buyer"), HERE))
    assert implies(missing, Compare("!=", text("buyer"), ROLE, HERE))
    assert not implies(missing, Compare("==", ROLE, text("buyer"), HERE))
    assert not implies(missing, Among(ROLE, (text("buyer"),), HERE))
    assert disjoint(missing, Compare("==", ROLE, text("buyer"), HERE))
    assert not disjoint(missing, Compare("!=", ROLE, text("buyer"), HERE))


def test_a_stretch_of_numbers_implies_a_wider_one_and_excludes_what_lies_beside_it() -> None:
    def employees(op: str, value: int) -> Compare:
        return Compare(op, EMPLOYEES, number(value), HERE)

    assert implies(employees(">", 10), employees(">=", 10))
    assert not implies(employees(">=", 10), employees(">", 10))
    assert disjoint(employees(">", 10), employees("<=", 10))
    assert not disjoint(employees(">=", 10), employees("<=", 10))
    assert disjoint(employees(">", 10), Missing(EMPLOYEES, HERE))


def test_a_segment_counts_as_its_condition() -> None:
    assert implies(InSegment("large", stage("a"), HERE), stage("a"))
    assert implies(stage("a"), InSegment("large", stage("a"), HERE))


def test_the_shape_of_a_condition_does_not_depend_on_its_place() -> None:
    elsewhere = Compare("==", Field("stage", Type.TEXT, core=True, span=THERE), Literal("a", Type.TEXT, THERE), THERE)

    assert shape(elsewhere) == shape(stage("a"))
    assert shape(elsewhere) != shape(stage("b"))
