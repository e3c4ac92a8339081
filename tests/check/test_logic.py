"""What is said to follow from a condition does follow, for every contact."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.funnel import Grades
from nurture_cli.check.logic import disjoint, implies, impossible
from nurture_cli.check.points import in_points
from nurture_cli.check.values import shape
from nurture_cli.language.comparisons import GRADE_NAMES
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Constant,
    Did,
    Expression,
    Field,
    InSegment,
    Literal,
    Measure,
    MeasureName,
    Missing,
    Not,
    Responses,
    Touches,
    Truth,
    Type,
)
from nurture_cli.text.diagnostic import Span
from tests.examples import examples

HERE, THERE = Span("a.yml", 1, 1, 2), Span("b.yml", 9, 9, 10)
STAGE = Field("stage", Type.TEXT, core=True, span=HERE)
ROLE = Field("role", Type.TEXT, core=True, span=HERE)
EMPLOYEES = Field("employees", Type.NUMBER, core=False, span=HERE)
NEWSLETTER = Field("newsletter", Type.BOOLEAN, core=False, span=HERE)
FIT = Measure(MeasureName.FIT, HERE)
INTEREST = Measure(MeasureName.INTEREST, HERE)
GRADE = Measure(MeasureName.GRADE, HERE)
GRADES = Grades((4, 2), (3, 1))
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
    events: tuple[tuple[str, str, int], ...]  # kind, asset, age in seconds; all of them are responses
    touches: tuple[int, ...] = ()  # ages in seconds


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
        case Burst():
            ages = [age for _, _, age in person.events]
            lately = sum(age < body.within for age in ages)
            silent = body.within + body.after
            before = any(body.within <= age < silent for age in ages)
            return lately >= body.times and not before and any(age >= silent for age in ages)
        case _:
            raise AssertionError(body)


def value_of(operand: object, person: Person) -> str | int | float | bool | None:
    match operand:
        case Literal(value=value):
            return value
        case Responses(within=within, stage=stage):
            fitting = [asset for _, asset, age in person.events if within is None or age < within]
            return len(fitting) if stage is None else fitting.count("x")
        case CompanyPeople(within=within):
            return int(any(within is None or age < within for _, _, age in person.events))
        case Touches(within=within):
            return sum(within is None or age < within for age in person.touches)
        case Measure(name="grade"):
            letter = "ABC"[sum(person.facts["fit"] < bound for bound in GRADES.fit)]
            return letter + "123"[sum(person.facts["interest"] < bound for bound in GRADES.interest)]
        case _:
            return person.facts[operand.name]


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
windows = st.sampled_from([None, 5, 10])
counted = st.one_of(
    st.sampled_from([FIT, INTEREST]),
    st.builds(Responses, windows, st.sampled_from([None, "decision"]), st.just(HERE)),
    st.builds(CompanyPeople, windows, st.just(HERE)),
    st.builds(Touches, windows, st.just(HERE)),
)
bounds = st.sampled_from([-1, 0, 0.5, 1, 2, 2.5, 3, 4])
grades = st.sampled_from(GRADE_NAMES)
measured = st.one_of(
    st.builds(
        lambda op, operand, value: Compare(op, operand, number(value), HERE),
        st.sampled_from(["==", "!=", *ORDERED]),
        counted,
        bounds,
    ),
    st.builds(
        lambda operand, values: Among(operand, tuple(map(number, values)), HERE),
        counted,
        st.lists(bounds, min_size=1, max_size=3),
    ),
    st.builds(lambda operand: Missing(operand, HERE), counted | st.just(GRADE)),
    st.builds(lambda op, name: Compare(op, GRADE, text(name), HERE), st.sampled_from(["==", "!="]), grades),
    st.builds(lambda names: Among(GRADE, tuple(map(text, names)), HERE), st.lists(grades, min_size=1, max_size=9)),
    st.builds(Burst, st.integers(1, 2), st.sampled_from([5, 10]), st.sampled_from([3, 6]), st.just(HERE)),
)
atoms = atoms | measured
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
    lambda stage, role, employees, newsletter, fit, interest, events, touches: Person(
        {
            "stage": stage,
            "role": role,
            "employees": employees,
            "newsletter": newsletter,
            "fit": fit,
            "interest": interest,
        },
        tuple(events),
        tuple(touches),
    ),
    stages,
    st.none() | roles,
    st.none() | numbers,
    st.none() | st.booleans(),
    st.integers(0, 5),
    st.integers(0, 7),
    st.lists(
        st.tuples(st.sampled_from(["clicked", "opened"]), st.sampled_from(["", "x"]), st.integers(0, 22)), max_size=4
    ),
    st.lists(st.integers(0, 12), max_size=3),
)


@given(conditions, conditions, st.lists(people, min_size=12, max_size=12))
@settings(max_examples=examples(150), deadline=None)
def test_what_is_said_to_follow_follows_for_everybody(
    first: Expression, second: Expression, everybody: list[Person]
) -> None:
    follows, apart = implies(first, second), disjoint(first, second)

    for person in everybody:
        if holds(first, person):
            assert not follows or holds(second, person)
            assert not apart or not holds(second, person)


@given(measured, measured, st.lists(people, min_size=12, max_size=12))
@settings(max_examples=examples(200), deadline=None)
def test_what_is_said_of_scores_and_counts_is_so(
    first: Expression, second: Expression, everybody: list[Person]
) -> None:
    one, other = in_points(first, GRADES), in_points(second, GRADES)
    follows, apart, never = implies(one, other), disjoint(one, other), impossible(one)

    for person in everybody:
        assert holds(one, person) == holds(first, person)
        if holds(first, person):
            assert not never
            assert not follows or holds(second, person)
            assert not apart or not holds(second, person)


@given(conditions, st.lists(people, min_size=12, max_size=12))
@settings(max_examples=examples(150), deadline=None)
def test_what_is_said_to_be_impossible_holds_for_nobody(body: Expression, everybody: list[Person]) -> None:
    assert not (impossible(body) or impossible(in_points(body, GRADES))) or not any(
        holds(body, person) for person in everybody
    )


def fit(op: str, value: float) -> Compare:
    return Compare(op, FIT, number(value), HERE)


def interest(op: str, value: float) -> Compare:
    return Compare(op, INTEREST, number(value), HERE)


def responses(op: str, value: float, within: int | None = None, stage: str | None = None) -> Compare:
    return Compare(op, Responses(within, stage, HERE), number(value), HERE)


def graded(*names: str) -> Expression:
    return in_points(Among(GRADE, tuple(map(text, names)), HERE), GRADES)


def test_a_grade_is_known_by_its_fit_and_its_interest() -> None:
    assert implies(graded("A1"), fit(">=", 4))
    assert implies(graded("A1", "B1"), fit(">=", 2))
    assert implies(graded("A1", "B1"), interest(">=", 3))
    assert implies(All((fit(">=", 3), interest(">=", 4)), HERE), graded("A1", "B1"))
    assert implies(graded("B2"), graded("A1", "A2", "B1", "B2"))
    assert disjoint(graded("A1"), fit("<", 4))
    assert disjoint(graded("C1", "C2", "C3"), fit(">=", 2))
    assert disjoint(graded("A3"), interest(">", 1))
    assert not implies(graded("A1", "C1"), fit(">=", 2))
    assert implies(graded("A1", "C1"), interest(">=", 3))
    assert implies(Constant(True, HERE), graded(*GRADE_NAMES))


def test_scores_and_counts_are_never_missing_and_never_below_nothing() -> None:
    for operand in (FIT, INTEREST, GRADE, Responses(None, None, HERE), CompanyPeople(5, HERE), Touches(None, HERE)):
        assert impossible(Missing(operand, HERE))
    assert impossible(fit("<", 0))
    assert impossible(interest("<=", -1))
    assert impossible(Compare("==", FIT, number(1.5), HERE))
    assert impossible(Compare("==", INTEREST, number(1.5), HERE))
    assert not impossible(Compare("==", INTEREST, number(2), HERE))
    assert implies(responses("!=", 0), responses(">=", 1))
    assert implies(responses(">", 2), responses(">=", 3))
    assert implies(interest(">", 2.5), interest(">=", 3))
    assert implies(Not(responses(">=", 3), HERE), responses("<=", 2))
    assert not implies(Not(Compare(">=", EMPLOYEES, number(3), HERE), HERE), Compare("<", EMPLOYEES, number(3), HERE))


def test_a_count_of_fewer_days_is_never_more_than_one_of_more_days() -> None:
    assert implies(responses(">=", 3, within=5), responses(">=", 2, within=10))
    assert implies(responses(">=", 3, within=5), responses(">=", 3))
    assert implies(responses(">=", 3, stage="decision"), responses(">=", 3))
    assert implies(responses("<", 2), responses("<", 2, within=5))
    assert implies(responses("==", 0), responses("==", 0, within=5, stage="decision"))
    assert disjoint(responses(">=", 3, within=5), responses("<", 3, within=10))
    assert disjoint(responses("==", 0), responses(">=", 1, within=5))
    assert not implies(responses(">=", 3, within=10), responses(">=", 1, within=5))
    assert not implies(responses(">=", 3), responses(">=", 1, stage="decision"))
    assert not implies(responses(">=", 3, within=5, stage="decision"), responses(">=", 3, stage="awareness"))
    assert not disjoint(responses("<", 3, within=5), responses(">=", 3))


def test_a_burst_is_a_response_and_implies_a_smaller_one() -> None:
    burst = Burst(3, 5, 60, HERE)

    assert implies(burst, Burst(2, 5, 30, HERE))
    assert implies(burst, responses(">=", 1, within=10))
    assert disjoint(burst, responses("==", 0))
    assert disjoint(responses("==", 0, within=5), burst)
    assert not implies(burst, Burst(4, 5, 60, HERE))
    assert not implies(burst, Burst(3, 10, 60, HERE))
    assert not implies(burst, responses(">=", 1, within=3))


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
