"""Time alone never makes a condition true before the instant at which a run looks again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.language.expression import Burst, Expression, Not
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, atoms
from nurture_cli.planner.scores import Scoring
from nurture_cli.planner.wakes import NEVER, next_change
from nurture_cli.store.database import Connection
from tests.examples import examples
from tests.planner.nursery import CONFIG, DAY, HOUR, Nursery
from tests.planner.test_agreement import FAMILIES, fill, store, work_out
from tests.reference.conditions import OnTheEdge, Question, holds
from tests.reference.strategies import (
    ASSETS_OF,
    FAMILY_OF,
    NOW,
    NOWHERE,
    People,
    bursts,
    expressions,
    measured,
    people,
    unburst,
)

__all__ = ["store"]  # the fixture

# A burst counts as one that only a response brings about.
no_burst = (measured | expressions).filter(lambda one: not any(isinstance(atom, Burst) for atom in atoms(one)))
later = st.sampled_from([1, HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 400 * DAY])


def next_looks(db: Connection, expression: Expression, crowd: People, known: frozenset[int]) -> dict[int, int]:
    """The instant after NOW at which each contact must be looked at again; the companies of `known` are worked out."""
    db.execute("BEGIN")
    try:
        fill(db, crowd)
        work_out(db, crowd, NOW, known=known)
        scope = Scope(families=FAMILIES, family_of=FAMILY_OF, scoring=Scoring(crowd.funnel, ASSETS_OF))
        parameters = Parameters(now=NOW)
        instant = next_change(expression, scope, parameters)
        return dict(db.execute(f"SELECT c.id, {instant} FROM contact c", parameters))
    finally:
        db.execute("ROLLBACK")


def known(expression: Expression, crowd: People, contact: int, at: int) -> Iterator[bool]:
    """Whether it holds of a contact, unless the last bit of a double decides."""
    try:
        yield holds(expression, crowd.facts(crowd.contacts[contact - 1]), Question(at))
    except OnTheEdge:
        return


@settings(max_examples=examples(250), deadline=None)
@given(
    people(),
    unburst | no_burst | bursts.map(lambda burst: Not(burst, NOWHERE)),
    st.lists(later, min_size=1, max_size=4),
    st.frozensets(st.integers(1, 5)),
)
def test_nothing_begins_to_hold_before_the_next_look(
    store: Connection, crowd: People, expression: Expression, pauses: list[int], worked_out: frozenset[int]
) -> None:
    past = tuple(event for event in crowd.events if event.at <= NOW)
    touched = tuple(touch for touch in crowd.touches if touch.at <= NOW)
    recycled = tuple(rest for rest in crowd.recycled if rest.at <= NOW)
    crowd = replace(crowd, events=past, touches=touched, recycled=recycled)
    for contact, look in next_looks(store, expression, crowd, worked_out).items():
        assert look > NOW
        probes = [NOW + pause for pause in pauses] + ([look - 1] if look < NEVER else [])
        for before in known(expression, crowd, contact, NOW):
            for at in sorted(at for at in probes if at < look):
                for now in known(expression, crowd, contact, at):
                    assert before or not now


@pytest.mark.parametrize(
    ("entry", "facts", "days"),
    [
        ('days_since("visited") > 90', {}, 91),
        ("days_until(renewal) <= 10", {"fields": {"renewal": "2026-05-20"}}, 69),  # 10 May, at midnight in UTC
        ('did("visited") and not did("visited", within="14 days")', {}, 14),
        ("interest < 3 and responses() > 0", {}, 21),
        ("company_interest < 3 and responses() > 0", {"company": "Acme"}, 21),
        ('company_people(within="14 days") < 1 and responses() > 0', {"company": "Acme"}, 14),
    ],
)
def test_a_contact_enters_when_the_time_has_come_and_nobody_is_looked_at_before(
    nursery: Nursery, entry: str, facts: dict[str, object], days: int
) -> None:
    nursery.write("nurture.yml", CONFIG + "interest: {half_life: 30 days, points: {visited: 4}}\n")
    nursery.campaign("c", "stages: {any: [{send: a}]}", enter=f"{{when: '{entry}', backfill: true}}")
    nursery.contact("ann", **facts)
    nursery.did("ann", "visited", ago=0)
    began = nursery.at
    sent: list[tuple[int, str]] = []
    looked = []
    while not sent and nursery.at < began + 100 * DAY:
        plan = nursery.plan()
        if plan.db.execute("SELECT 1 FROM temp.dirty").fetchone():
            looked.append((nursery.at - began) // DAY)
        sent = [((nursery.at - began) // DAY, touch) for touch in nursery.run()]
        nursery.pass_time(days=1)

    assert sent == [(days, "ann a")]
    assert len(looked) <= 4


def test_an_edited_condition_is_asked_of_everybody_once(nursery: Nursery) -> None:
    nursery.campaign("c", "stages: {any: [{send: a}]}", enter="{when: 'days_since(\"visited\") > 90', backfill: true}")
    nursery.contact("ann")
    nursery.did("ann", "visited", ago=40 * DAY)
    assert nursery.run() == []
    nursery.campaign("c", "stages: {any: [{send: a}]}", enter="{when: 'days_since(\"visited\") > 30', backfill: true}")
    assert nursery.run() == ["ann a"]


def test_what_keeps_a_contact_out_ends_by_time(nursery: Nursery) -> None:
    nursery.campaign(
        "c",
        'exit: {when: \'did("visited", within="7 days")\'}\nstages: {any: [{send: a}]}',
        enter="{when: 'stage == \"early\"', backfill: true}",
    )
    nursery.contact("ann")
    nursery.did("ann", "visited", ago=0)
    assert [(nursery.at, nursery.days(9))[1]] == [[(7, "ann a")]]


def test_a_stage_is_reached_by_time(nursery: Nursery) -> None:
    nursery.write(
        "nurture.yml",
        CONFIG.replace(
            "stages: [early, middle,", "stages: [early, {stage: middle, when: 'days_since(\"visited\") >= 5'},"
        ),
    )
    nursery.contact("ann")
    nursery.did("ann", "visited", ago=0)
    stages = []
    for _ in range(7):
        nursery.run()
        nursery.pass_time(days=1)
        stages += [row[0] for row in nursery.db.execute("SELECT stage FROM contact")]
    assert stages == ["early"] * 5 + ["middle"] * 2
