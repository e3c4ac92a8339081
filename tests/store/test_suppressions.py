"""Suppressions: by address alone, the strongest reason wins, and nothing is forgotten."""

from __future__ import annotations

from itertools import product

import pytest

from nurture_cli.keys import Keys
from nurture_cli.store import suppressions
from nurture_cli.store.contacts import add_contact, hash_of
from nurture_cli.store.database import Connection
from nurture_cli.store.suppressions import REASONS, is_suppressed, lift, suppress
from tests.conftest import A_TUESDAY_MORNING as AT

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
