"""Suppressions: by address alone, the strongest reason wins, and nothing is forgotten."""

from __future__ import annotations

from itertools import product

import pytest

from nurture_cli.keys import Keys
from nurture_cli.store import suppressions
from nurture_cli.store.contacts import add_contact, hash_of
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.incoming_suppressions import (
    MergedSuppressions,
    lay_down_suppressions,
    merge_suppressions,
    suppressions_waiting,
)
from nurture_cli.store.suppressions import REASONS, is_suppressed, lift, suppress, suppressing
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows

HASH = bytes([7] * 16)


def reasons(db: Connection) -> list[tuple[str, bool]]:
    return [(one.reason, one.lifted_at is None) for one in suppressions.suppression_history(db, HASH)]


@pytest.mark.parametrize(("first", "second"), sorted(product(REASONS, REASONS)))
def test_a_stronger_reason_replaces_a_weaker_one_and_never_the_other_way_round(
    db: Connection, first: str, second: str
) -> None:
    stronger = REASONS.index(second) > REASONS.index(first)
    assert suppress(db, HASH, reason=first, source="one", at=AT)
    assert suppress(db, HASH, reason=second, source="two", at=AT + 1) == stronger
    held = suppressions.suppression_of(db, HASH)

    assert held is not None
    assert (held.reason, held.source) == ((second, "two") if stronger else (first, "one"))
    assert reasons(db) == ([(first, False), (second, True)] if stronger else [(first, True)])


def test_the_order_of_reasons_is_the_one_that_protects_people() -> None:
    assert REASONS == ("hard-bounce", "manual", "unsubscribed", "complaint", "erased")


def test_a_lifted_suppression_no_longer_holds_and_is_remembered_with_why(db: Connection) -> None:
    suppress(db, HASH, reason="manual", source="one", at=AT)
    assert lift(db, HASH, why="asked to come back", at=AT + 1)
    assert not is_suppressed(db, HASH)
    assert not lift(db, HASH, why="again", at=AT + 2)
    suppress(db, HASH, reason="hard-bounce", source="two", at=AT + 3)

    assert is_suppressed(db, HASH)
    assert reasons(db) == [("manual", False), ("hard-bounce", True)]
    first = suppressions.suppression_history(db, HASH)[0]
    assert (first.lifted_at, first.lifted_why) == (AT + 1, "asked to come back")


def test_a_suppression_needs_no_contact_and_outlives_one(db: Connection, keys: Keys) -> None:
    address_hash = hash_of(keys, "Ann@company.example")
    suppress(db, address_hash, reason="unsubscribed", source="link", at=AT)
    suppress(db, HASH, reason="complaint", source="relay", at=AT - 1)
    assert [(one.contact_id, one.email) for one in suppressions.list_suppressions(db)] == [(None, None)] * 2

    id = add_contact(db, keys, "ann@COMPANY.example", stage="name", now=AT + 1)
    assert is_suppressed(db, address_hash)
    listed = list(suppressions.list_suppressions(db))
    assert [(one.reason, one.contact_id, one.email) for one in listed] == [
        ("complaint", None, None),
        ("unsubscribed", id, "ann@company.example"),
    ]

    db.execute("DELETE FROM contact")
    assert is_suppressed(db, address_hash)
    assert suppressions.count_suppressions(db) == {"complaint": 1, "unsubscribed": 1}


def test_lifted_ones_are_not_counted_and_not_listed(db: Connection) -> None:
    suppress(db, HASH, reason="manual", source="one", at=AT)
    lift(db, HASH, why="asked", at=AT)

    assert suppressions.count_suppressions(db) == {}
    assert list(suppressions.list_suppressions(db)) == []


# What an event that says so is called, with the reason for which it suppresses.
TELLING = {"unsubscribed": "unsubscribed", "complained": "complaint", "bounced": "hard-bounce"}
HARD = '{"bounce":"hard"}'


@pytest.mark.parametrize(("held", "kind"), sorted(product((None, *REASONS), TELLING), key=str))
def test_an_event_suppresses_as_strongly_as_it_says_and_never_weakens_what_holds(
    db: Connection, held: str | None, kind: str
) -> None:
    rows.contact(db, 1, address_hash=HASH)
    rows.contact(db, 2)
    if held is not None:
        suppress(db, HASH, reason=held, source="before", at=AT)
    rows.event(db, kind=kind, properties=HARD, at=AT + 5, recorded_at=AT + 9)

    reason = TELLING[kind]
    assert suppressing(kind, {"bounce": "hard"}) == reason
    stronger = held is None or REASONS.index(reason) > REASONS.index(held)
    now = suppressions.suppression_of(db, HASH)
    assert now is not None
    assert (now.reason, now.source, now.at) == ((reason, "test", AT + 5) if stronger else (held, "before", AT))
    assert len(reasons(db)) == (1 if held is None or not stronger else 2)
    if stronger and held is not None:
        lifted = suppressions.suppression_history(db, HASH)[0]
        assert (lifted.lifted_at, lifted.lifted_why) == (AT + 9, f"replaced by: {reason}")
    assert not is_suppressed(db, (2).to_bytes(16, "big"))


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("bounced", "{}"), ("bounced", '{"bounce":"soft"}'), ("bounced", '{"bounce":true}'), ("bounced", '["hard"]'),
        ("clicked", HARD), ("delivered", HARD),
    ],
)  # fmt: skip
def test_any_other_event_suppresses_nobody(db: Connection, kind: str, properties: str) -> None:
    rows.contact(db, 1, address_hash=HASH)
    rows.event(db, kind=kind, properties=properties)

    assert not is_suppressed(db, HASH)


def test_of_many_at_once_the_strongest_reason_counts_and_a_second_time_changes_nothing(db: Connection) -> None:
    one, two, three = (bytes([number] * 16) for number in (1, 2, 3))
    rows.contact(db, 1, address_hash=one)
    suppress(db, two, reason="hard-bounce", source="before", at=AT - 1)
    suppress(db, three, reason="erased", source="before", at=AT - 1)
    lines = [
        (2, one, "hard-bounce", "f", AT), (3, one, "complaint", "f", AT), (4, one, "unsubscribed", "f", AT),
        (5, two, "manual", "f", AT), (6, three, "complaint", "f", AT),
    ]  # fmt: skip

    def merge() -> MergedSuppressions:
        with suppressions_waiting(db):
            lay_down_suppressions(db, iter(lines))
            with writing(db):
                return merge_suppressions(db, AT + 1)

    first, second = merge(), merge()

    assert first == MergedSuppressions(new=1, stronger=1, same=1, contacts=1)
    assert second == MergedSuppressions(new=0, stronger=0, same=3, contacts=0)
    held = {kept.address_hash: (kept.reason, kept.source) for kept in suppressions.list_suppressions(db)}
    assert held == {one: ("complaint", "f"), two: ("manual", "f"), three: ("erased", "before")}
    assert suppressions.suppression_history(db, two)[0].lifted_why == "replaced by: manual"
