"""Compiled SQL says of every contact what the plain interpreter says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import Phase, find, given, reject, settings
from hypothesis import strategies as st

from nurture_cli.campaign.funnel import Funnel, Interest
from nurture_cli.language.condition import MAX_DEPTH, MAX_PARTS
from nurture_cli.language.expression import (
    All,
    Any,
    CompanyPeople,
    Compare,
    Condition,
    Counted,
    Expression,
    Fact,
    Field,
    HasTag,
    Literal,
    Measure,
    MeasureName,
    Told,
    Type,
)
from nurture_cli.language.time_dependence import becomes_true_by_time
from nurture_cli.planner import companies, standing
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, atoms, compile_condition, facts_sql
from nurture_cli.planner.scores import STORED, WORKED_OUT, AskedOf, Scoring, measure_sql, people_sql
from nurture_cli.planner.tables import make_tables
from nurture_cli.planner.world import World, build_world, load_points
from nurture_cli.project import Project
from nurture_cli.records import Contact, Event
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from tests.examples import examples
from tests.reference.campaigns import config
from tests.reference.conditions import Facts, OnTheEdge, Question, holds, value_of
from tests.reference.strategies import (
    ASSETS,
    ASSETS_OF,
    DAY,
    FAMILY_OF,
    KINDS,
    LENGTHS,
    NOW,
    NOWHERE,
    TAGS,
    People,
    expressions,
    instants,
    leaves,
    measured,
    measurements,
    people,
    questions,
    unburst,
)

FAMILIES = {asset: tuple(name for name in ASSETS if FAMILY_OF[name] == FAMILY_OF[asset]) for asset in ASSETS}
many = settings(max_examples=examples(120), deadline=None)
some = settings(max_examples=examples(80), deadline=None)
some_of_them = st.frozensets(st.integers(1, 4))


@pytest.fixture(scope="module")
def store() -> Iterator[Connection]:
    """An empty database; what an example puts in is undone."""
    db = scratch(NOW)
    make_tables(db, 0)
    yield db
    db.close()


def fill(db: Connection, crowd: People) -> None:
    """Write contacts and their past; the ledger's rows hang on one open enrollment each."""
    for contact in crowd.contacts:
        db.execute(
            "INSERT INTO contact (id, email, address_hash, first_name, last_name, company, job_title, role, phone,"
            " country, language, source, stage, stage_at, furthest_stage, zone, consent, fields,"
            " created_at, updated_at)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0)",
            (
                contact.id, contact.email, contact.address_hash, contact.first_name, contact.last_name,
                contact.company, contact.job_title, contact.role, contact.phone, contact.country, contact.language,
                contact.source, contact.stage, contact.stage_at, contact.furthest_stage, contact.zone, contact.consent,
                json.dumps(dict(contact.fields), ensure_ascii=False),
            ),
        )  # fmt: skip
        db.executemany("INSERT INTO contact_tag VALUES (?, ?)", [(contact.id, tag) for tag in contact.tags])
        db.execute(
            "INSERT INTO enrollment (id, contact_id, campaign, pass, entered_at, state, arrived_at, anchor_at)"
            " VALUES (:id, :id, 'c', 1, 0, 'resting', 0, 0)",
            {"id": contact.id},
        )
    db.executemany(
        "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key, machine) VALUES (?,?,?,?,0,?,?,?)",
        [
            (event.contact_id, event.kind, event.asset, event.at, event.source, str(number), int(event.machine))
            for number, event in enumerate(crowd.events)
        ],
    )
    db.executemany(
        "INSERT INTO touch (key, contact_id, enrollment_id, campaign, step, hop, asset, family, once_scope, channel,"
        " reaches_contact, state, reason, at, due_at, next_try_at, message_id, campaign_hash, asset_hash, body_hash,"
        " run_id, digest) VALUES (:n, :who, :who, 'c', 's', 1, :asset, :family, :n, 'mail', :reaches, :state, 'r',"
        " :at, 0, 0, :n, '', '', '', 0, 0)",
        [
            {
                "n": f"n:{number}",
                "who": touch.contact_id,
                "asset": touch.asset,
                "family": touch.family,
                "reaches": int(touch.reaches_contact),
                "state": touch.state,
                "at": touch.at,
            }
            for number, touch in enumerate(crowd.touches)
        ],
    )
    db.executemany(
        "INSERT INTO recycling (contact_id, at, reason, interest, rest_until, campaign, closed_at, closed_why)"
        " VALUES (?, ?, 'r', ?, 0, '', 0, 'rested')",
        [(back.contact_id, back.at, back.interest) for back in crowd.recycled],
    )


def world_of(funnel: Funnel) -> World:
    """A world in which only scores are worked out."""
    made = Project(
        root=Path("/nowhere"), config=replace(config(()), funnel=funnel), campaigns={}, assets={}, diagnostics=(),
        sources={}, hash="", fingerprint="",
    )  # fmt: skip
    return build_world(made)


def work_out(
    db: Connection, crowd: People, at: int, changed: frozenset[int] | None = None, known: frozenset[int] = frozenset()
) -> None:
    """Work out everybody's standing at an instant and store it; what is stored of the `changed` ones is out of date.

    The companies of the `known` ones are worked out, too, in two goes.
    """
    world = world_of(crowd.funnel)
    load_points(db, world)
    standing.load_standing(db, world, at)
    db.execute(f"INSERT INTO main.standing ({standing.COLUMNS}) SELECT {standing.COLUMNS} FROM temp.standing")
    db.execute(f"DELETE FROM temp.standing WHERE contact_id NOT IN ({', '.join(map(str, changed or {0}))})")
    db.execute(
        "UPDATE main.standing SET fit = fit + 20, heat = 3.0, weight = 7.0, company = iif(company IS NULL, 'a', NULL)"
        " WHERE contact_id IN (SELECT contact_id FROM temp.standing)"
    )
    for contact in known:
        companies.load_companies(db, world, at, str(int(contact)))


def ask(
    db: Connection,
    expression: Expression,
    question: Question,
    funnel: Funnel,
    overlay: bool = False,
    at: int | None = None,
) -> dict[int, object]:
    """The compiled condition as a column, and as a WHERE that must select exactly the ones.

    With `at` it is asked, in a plan at that instant, as of an earlier one.
    """
    scope = Scope(
        ceiling=":now" if at is None else ":then",
        floor=None if question.floor is None else ":floor",
        events=question.events,
        overlay=overlay,
        families=FAMILIES,
        family_of=FAMILY_OF,
        scoring=Scoring(funnel, ASSETS_OF),
    )
    parameters = Parameters()
    sql = compile_condition(expression, scope, parameters)
    bound = {
        **parameters,
        "now": question.ceiling if at is None else at,
        "then": question.ceiling,
        "floor": question.floor,
    }
    column = dict(db.execute(f"SELECT c.id, {sql} FROM contact c", bound).fetchall())
    chosen = {row[0] for row in db.execute(f"SELECT c.id FROM contact c WHERE {sql}", bound)}
    assert chosen == {number for number, answer in column.items() if answer == 1}
    return column


def told(expression: Expression, crowd: People, question: Question) -> dict[int, bool]:
    """What the plain interpreter says; an example in which the last bit of a double decides is none."""
    try:
        return {contact.id: holds(expression, crowd.facts(contact), question) for contact in crowd.contacts}
    except OnTheEdge:
        reject()


@many
@given(people(), expressions, questions, some_of_them)
def test_the_compiled_condition_agrees_with_the_plain_interpreter(
    store: Connection, crowd: People, expression: Expression, question: Question, known: frozenset[int]
) -> None:
    expected = told(expression, crowd, question)
    store.execute("BEGIN")
    try:
        fill(store, crowd)
        work_out(store, crowd, question.ceiling, known=known)
        found = ask(store, expression, question, crowd.funnel)
    finally:
        store.execute("ROLLBACK")
    assert found == expected
    assert all(type(answer) is int for answer in found.values()), "0 or 1, never NULL"


@some
@given(people(), st.lists(leaves | measurements(), min_size=20, max_size=20), instants())
def test_others_change_a_fact_only_where_it_declares_that(crowd: People, asked: list[Expression], at: int) -> None:
    """A plan looks at contacts about whose colleagues something is new, other than what we sent, by `of_company`."""
    question, known = Question(at), {fact for leaf in asked for fact in atoms(leaf)}
    crowd = replace(crowd, contacts=tuple(replace(one, company="a") for one in crowd.contacts))

    def seen(fact: Fact, facts: Facts) -> object:
        try:
            return holds(fact, facts, question) if isinstance(fact, Told) else value_of(fact, facts, question)
        except OnTheEdge:
            reject()

    for fact, contact in product(known, crowd.contacts):
        everything = crowd.facts(contact)
        touches = tuple(touch for touch in everything.touches if touch.contact_id == contact.id)
        events = tuple(event for event in everything.events if event.contact_id == contact.id)
        alone = replace(everything, touches=touches, events=events, everybody=(contact,))

        assert seen(fact, everything) == seen(fact, replace(everything, touches=touches))
        assert fact.of_company or seen(fact, everything) == seen(fact, alone)


@pytest.mark.parametrize("kind", [*get_args(Counted), *get_args(Told)], ids=lambda kind: kind.__name__)
def test_random_conditions_have_every_call_in_them(kind: type) -> None:
    found = settings(max_examples=5_000, phases=[Phase.generate], deadline=None)
    find(leaves, lambda leaf: any(isinstance(atom, kind) for atom in atoms(leaf)), settings=found)


@many
@given(
    people(),
    measured,
    questions,
    st.tuples(some_of_them, some_of_them),
    st.sampled_from([None, None, 0, 1, 3600, 3 * DAY]),
)
def test_scores_in_the_course_of_a_plan_agree_with_the_plain_interpreter(
    store: Connection,
    crowd: People,
    expression: Expression,
    question: Question,
    changed_known: tuple[frozenset[int], frozenset[int]],
    later: int | None,
) -> None:
    """Of those about whom something changed, what was stored is out of date; a wait asks as of when it was over."""
    expected = told(expression, crowd, question)
    at = None if later is None else question.ceiling + later
    store.execute("BEGIN")
    try:
        fill(store, crowd)
        work_out(store, crowd, question.ceiling if at is None else at, *changed_known)
        found = ask(store, expression, question, crowd.funnel, overlay=True, at=at)
    finally:
        store.execute("ROLLBACK")
    assert found == expected


# Two companies, one spelt in two ways; some people in none.
colleagues = st.lists(
    st.tuples(st.sampled_from(["a", "a", " A ", "b", None]), st.sampled_from([None, "boss"])), min_size=2, max_size=7
)
deeds_of_colleagues = st.lists(
    st.tuples(st.integers(1, 7), st.sampled_from(KINDS), instants(), st.sampled_from([False, False, False, True])),
    min_size=2,
    max_size=20,
)
BUSY = Funnel(
    (), Interest(7 * DAY, {"clicked": 5, "downloaded": 8, "visited": 2}, dict.fromkeys(KINDS, 1), {"boss": 2})
)


@many
@given(
    colleagues,
    deeds_of_colleagues,
    questions,
    st.none() | st.sampled_from(LENGTHS),
    st.tuples(some_of_them, some_of_them),
    st.booleans(),
)
def test_what_a_company_shows_is_what_its_people_show_one_by_one(
    store: Connection,
    people: list[tuple[str | None, str | None]],
    deeds: list[tuple[int, str, int, bool]],
    question: Question,
    within: int | None,
    changed_known: tuple[frozenset[int], frozenset[int]],
    planning: bool,
) -> None:
    """The very numbers, whether the company was worked out as a whole before, or not."""
    crowd = People(
        tuple(
            Contact(number, f"c{number}@example.org", number.to_bytes(16, "big"), "early", 0, company=firm, role=role)
            for number, (firm, role) in enumerate(people, 1)
        ),
        tuple(Event(0, who, kind, "", at, "t", machine) for who, kind, at, machine in deeds if who <= len(people)),
        (), (), BUSY,
    )  # fmt: skip
    operands = (CompanyPeople(within, NOWHERE), Measure(MeasureName.COMPANY_INTEREST, NOWHERE))
    try:
        expected = {
            one.id: tuple(value_of(asked, crowd.facts(one), question) for asked in operands) for one in crowd.contacts
        }
    except OnTheEdge:
        reject()
    floor = None if question.floor is None else ":floor"
    where = AskedOf("c", ":now", floor, question.events, WORKED_OUT if planning else STORED)
    parameters, scoring = Parameters(now=question.ceiling, floor=question.floor), Scoring(BUSY)
    columns = people_sql(operands[0], where, scoring, parameters), measure_sql(operands[1], where, scoring, parameters)
    changed, known = changed_known
    store.execute("BEGIN")
    try:
        fill(store, crowd)
        work_out(store, crowd, question.ceiling, changed if planning else None, known)
        rows = store.execute(f"SELECT c.id, {', '.join(columns)} FROM contact c", parameters).fetchall()
    finally:
        store.execute("ROLLBACK")
    assert {cid: tuple(values) for cid, *values in rows} == expected


@some
@given(
    people(),
    expressions,
    questions,
    st.dictionaries(st.tuples(st.integers(1, 4), st.sampled_from(TAGS)), st.booleans(), max_size=4),
)
def test_tags_that_change_in_the_course_of_a_plan_count_at_once(
    store: Connection, crowd: People, expression: Expression, question: Question, changes: dict[tuple[int, str], bool]
) -> None:
    """In conditions; fit was worked out before."""
    store.execute("BEGIN")
    try:
        fill(store, crowd)
        work_out(store, crowd, question.ceiling)
        store.executemany("INSERT INTO temp.tag_delta VALUES (?,?,?)", [(*key, int(on)) for key, on in changes.items()])
        found = ask(store, expression, question, crowd.funnel, overlay=True)
    finally:
        store.execute("ROLLBACK")
    for contact in crowd.contacts:
        mine = {tag: on for (who, tag), on in changes.items() if who == contact.id}
        tags = frozenset({tag for tag in contact.tags if mine.get(tag, True)} | {tag for tag, on in mine.items() if on})
        facts = replace(crowd.facts(contact), contact=replace(contact, tags=tags))
        try:
            assert found[contact.id] == int(holds(expression, facts, question))
        except OnTheEdge:
            reject()


@some
@given(people(most=1), expressions, questions)
def test_the_facts_that_are_stored_with_a_decision_are_readable(
    store: Connection, crowd: People, expression: Expression, question: Question
) -> None:
    parameters = Parameters()
    scoring = Scoring(crowd.funnel, ASSETS_OF)
    scope = Scope(families=FAMILIES, family_of=FAMILY_OF, events=question.events, scoring=scoring)
    sql = facts_sql((Condition("a condition", expression, NOWHERE),), scope, parameters)
    store.execute("BEGIN")
    try:
        fill(store, crowd)
        work_out(store, crowd, question.ceiling)
        bound = {**parameters, "now": question.ceiling}
        (stored,) = store.execute(f"SELECT {sql} FROM contact c", bound).fetchone()
    finally:
        store.execute("ROLLBACK")
    assert isinstance(json.loads(stored), dict)


@many
@given(people(), unburst, st.lists(st.sampled_from([1, 3600, DAY, 2 * DAY, 7 * DAY, 40 * DAY]), min_size=1, max_size=4))
def test_what_time_is_said_not_to_make_true_stays_false(
    crowd: People, expression: Expression, pauses: list[int]
) -> None:
    """A burst is left out: it counts as one that only a response brings about."""
    past = tuple(event for event in crowd.events if event.at <= NOW)
    touched = tuple(touch for touch in crowd.touches if touch.at <= NOW)
    crowd = replace(crowd, events=past, touches=touched, recycled=())
    told_before = told(expression, crowd, Question(NOW))
    at = NOW
    for pause in pauses:
        at += pause
        told_now = told(expression, crowd, Question(at))
        if not becomes_true_by_time(expression):
            assert not {who for who, holds in told_now.items() if holds and not told_before[who]}
        if not becomes_true_by_time(expression, positive=False):
            assert not {who for who, holds in told_now.items() if not holds and told_before[who]}


def nested(depth: int) -> Expression:
    """`a and (a or (a and …))`, so deep."""
    leaf: Expression = Compare("==", Field("role", Type.TEXT, True, NOWHERE), Literal("x", Type.TEXT, NOWHERE), NOWHERE)
    expression = leaf
    for level in range(depth - 1):
        kind = All if level % 2 else Any
        expression = kind((leaf, expression), NOWHERE)
    return expression


@pytest.mark.parametrize(
    "expression",
    [
        nested(MAX_DEPTH),
        Any(tuple(HasTag(f"tag-{number}", NOWHERE) for number in range(MAX_PARTS - 1)), NOWHERE),
    ],
    ids=["deepest", "widest"],
)
def test_the_largest_condition_that_is_accepted_is_compiled_to_what_sqlite_accepts(
    store: Connection, expression: Expression
) -> None:
    scope = Scope(families=FAMILIES, family_of=FAMILY_OF)
    parameters = Parameters(now=NOW)
    sql = compile_condition(expression, scope, parameters)
    # As a rule asks it: behind other terms, inside a CASE, inside an EXISTS.
    inside = f"EXISTS (SELECT 1 FROM contact c WHERE c.id = o.id AND CASE WHEN o.id IS NULL THEN {sql} ELSE {sql} END)"
    store.execute(f"SELECT o.id FROM contact o WHERE o.id > 0 AND {inside}", parameters).fetchall()
    store.execute(
        f"SELECT {facts_sql((Condition('', expression, NOWHERE),), scope, parameters)} FROM contact c", parameters
    )
