"""What Sales says of a hand-off, how a contact goes back, and who brought whom: in the store alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nurture_cli.campaign.funnel import BackEdge, Funnel, Grades, Interest, Sales, ScorePolicy, Stage, Track
from nurture_cli.campaign.model import Config, Limits, Sender
from nurture_cli.errors import OutOfPlace, WrongUsage
from nurture_cli.records import Contact
from nurture_cli.store import sales
from nurture_cli.store.contacts import load_contacts
from nurture_cli.store.database import Connection, IntegrityError
from nurture_cli.store.referrals import refer
from nurture_cli.text.diagnostic import Span
from nurture_cli.timing import parse_duration, parse_instant
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows

HERE = Span("nurture.yml", 1, 1, 1)
STAGES = (
    Stage("name", HERE),
    Stage("lead", HERE, handoff=True, back=(BackEdge("name", ("later", "wrong"), HERE),)),
    Stage("sales-lead", HERE, back=(BackEdge("lead", ("wrong",), HERE),)),
    Stage("customer", HERE),
)
CONFIG = Config(
    name="test", file="nurture.yml", hash="", zone="Europe/Berlin",
    sender=Sender("M", "m@house.example", None, "1 Quay", None, "off@house.example"),
    stages=tuple(stage.name for stage in STAGES), fields={}, segments={}, limits=Limits((), 1000, 3), channels={},
    closed=frozenset(),
    funnel=Funnel(
        STAGES, Interest(1, {}, {}, {}), Grades((60, 30), (50, 15)),
        sales=Sales("task", None, None, "sales-lead", "customer", HERE),
        recycling=(Track("later", parse_duration("30 days"), "warm", ScorePolicy.HALVE, HERE, HERE),),
    ),
)  # fmt: skip


def handed(db: Connection, stage: str = "lead", **facts: object) -> Contact:
    """Contact 1, who stands in a stage and is in the hands of Sales."""
    rows.contact(db, 1, stage=stage, **facts)
    hand_over(db)
    return ann(db)


def hand_over(db: Connection, at: int = AT) -> None:
    """Contact 1 is handed over."""
    rows.insert(db, "handoff", contact_id=1, at=at, cause="stage lead", stage="lead", version="1", sort="new")


def ann(db: Connection) -> Contact:
    """Contact 1 as it is now."""
    return load_contacts(db, [1])[1]


@pytest.mark.parametrize(
    ("stage", "after"),
    [("name", "sales-lead"), ("former", "sales-lead"), ("sales-lead", "sales-lead"), ("customer",) * 2],
)
def test_who_is_accepted_never_moves_back(db: Connection, stage: str, after: str) -> None:
    contact = handed(db, stage)

    assert sales.accept(db, contact, CONFIG, now=AT + 5) == sales.Answered(True, after)
    assert ann(db).stage == after
    (handoff,) = sales.handoffs_of(db, 1)
    assert (handoff.state, handoff.answered_at, handoff.closed_at) == (sales.State.ACCEPTED, AT + 5, None)


def test_without_stages_for_it_who_is_accepted_and_won_stays_where_it_is(db: Connection) -> None:
    contact = handed(db)
    bare = replace(CONFIG, funnel=replace(CONFIG.funnel, sales=None))

    assert sales.accept(db, contact, bare, now=AT).stage == "lead"
    assert sales.win(db, contact, bare, None, now=AT).stage == "lead"


def test_the_time_of_the_answer_is_that_of_the_first_one(db: Connection) -> None:
    sales.accept(db, handed(db), CONFIG, now=AT + 5)
    sales.lose(db, ann(db), CONFIG, "wrong", now=AT + 9)

    (handoff,) = sales.handoffs_of(db, 1)
    assert (handoff.state, handoff.answered_at, handoff.closed_at) == (sales.State.LOST, AT + 5, AT + 9)


def test_a_rest_counts_the_days_of_the_contact(db: Connection) -> None:
    """In New York the clocks change on 8 March, in Berlin on 29 March."""
    contact = handed(db, zone="America/New_York")
    at = parse_instant("2026-02-20T09:00", "America/New_York")

    back = sales.reject(db, contact, CONFIG, "later", now=at).given_back

    assert back is not None
    assert back.rest_until == parse_instant("2026-03-22T09:00", "America/New_York")
    assert (back.before, back.stage, back.campaign) == ("lead", "name", "warm")


def test_a_reason_without_a_track_keeps_everything_as_it_is(db: Connection) -> None:
    back = sales.reject(db, handed(db), CONFIG, "wrong", now=AT).given_back

    assert back == sales.GivenBack("lead", "name", "wrong", None, None)
    assert db.execute("SELECT interest, rest_until, campaign FROM recycling").fetchone() == ("keep", AT, "")


def test_every_answer_makes_the_next_run_look(db: Connection) -> None:
    contact = handed(db, "customer")
    db.execute("DELETE FROM change")

    sales.win(db, contact, CONFIG, 5.0, now=AT)

    assert db.execute("SELECT contact_id FROM change").fetchall() == [(1,)]


@pytest.mark.parametrize("stage", ["name", "former"])
def test_who_stands_where_no_way_leads_back_stays_with_sales(db: Connection, stage: str) -> None:
    with pytest.raises(OutOfPlace, match=f"nurture.yml has no way back from {stage}") as error:
        sales.reject(db, handed(db, stage), CONFIG, "later", now=AT)

    assert f"{stage} has no way back in nurture.yml." in (error.value.hint or "")


def test_a_reason_that_is_written_nowhere_is_wrong_usage_however_long(db: Connection) -> None:
    contact = handed(db)

    with pytest.raises(WrongUsage, match="There is no reason") as error:
        sales.reject(db, contact, CONFIG, "x" * 100_000, now=AT)
    assert len(str(error.value)) < 200
    assert error.value.hint == "From lead a contact goes back to name for later, wrong."


def test_the_same_reason_of_an_earlier_time_does_not_answer_this_one(db: Connection) -> None:
    sales.reject(db, handed(db), CONFIG, "later", now=AT)
    db.execute("UPDATE contact SET stage = 'lead'")
    hand_over(db, AT + 9)

    assert sales.reject(db, ann(db), CONFIG, "later", now=AT + 10).changed
    assert [one.state for one in sales.handoffs_of(db, 1)] == ["rejected", "rejected"]


def test_one_contact_is_in_the_hands_of_sales_once_at_a_time(db: Connection) -> None:
    handed(db)

    with pytest.raises(IntegrityError, match="handoff"):
        hand_over(db)


def test_nobody_is_here_because_of_who_is_here_because_of_them(db: Connection) -> None:
    for number in (1, 2, 3):
        rows.contact(db, number)
    one, two, three = load_contacts(db, (1, 2, 3)).values()

    assert refer(db, two, one, now=AT, source="test")
    assert refer(db, three, two, now=AT, source="test")
    assert not refer(db, three, two, now=AT + 5, source="test")
    with pytest.raises(OutOfPlace, match="the other way round"):
        refer(db, one, three, now=AT, source="test")
    assert db.execute("SELECT contact_id, kind FROM event ORDER BY id").fetchall() == [(1, "referred"), (2, "referred")]
