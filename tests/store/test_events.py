"""Events are kept once, and one that asks for an asset opens a request."""

from __future__ import annotations

import pytest

from nurture_cli.records import Event
from nurture_cli.store import events
from nurture_cli.store.database import Connection
from nurture_cli.store.requests import Request, count_open_requests, requests_of
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.rows import one

HASH = bytes(16)


@pytest.fixture(autouse=True)
def people(db: Connection) -> None:
    rows.contact(db, 1)
    rows.contact(db, 2)


def add(db: Connection, key: str, **row: object) -> bool:
    plain = {"contact_id": 1, "kind": "clicked", "at": AT, "now": AT + 9, "source": "test", "key": key}
    return events.add_event(db, **plain | row)  # type: ignore[arg-type]


def test_an_event_comes_back_as_it_was_told_and_the_oldest_first(db: Connection) -> None:
    add(db, "late", at=AT + 1)
    add(db, "early", at=AT - 1, asset="guide", machine=True, properties={"url": "ä", "n": 1})
    add(db, "other", contact_id=2)

    assert events.events_of(db, 1) == [
        Event(2, 1, "clicked", "guide", AT - 1, "test", True, {"n": 1, "url": "ä"}),
        Event(1, 1, "clicked", "", AT + 1, "test", False, {}),
    ]
    assert events.count_events(db) == 3
    assert one(db, "SELECT recorded_at FROM event WHERE id = 1") == AT + 9


def test_the_same_event_told_twice_is_one_and_keeps_what_was_said_first(db: Connection) -> None:
    assert add(db, "k")
    db.execute("DELETE FROM change")
    assert not add(db, "k", kind="replied")

    assert [event.kind for event in events.events_of(db, 1)] == ["clicked"]
    assert one(db, "SELECT count(*) FROM change") == 0


def test_a_row_that_makes_no_sense_is_not_taken_for_a_repetition(db: Connection) -> None:
    from nurture_cli.store.database import IntegrityError

    with pytest.raises(IntegrityError):
        add(db, "k", kind="")


def test_two_events_without_an_id_are_one_when_they_say_the_same() -> None:
    same = events.event_key(HASH, "clicked", "a", AT, "{}")

    assert events.event_key(HASH, "clicked", "a", AT, "{}") == same
    others = {
        events.event_key(bytes(15) + b"x", "clicked", "a", AT, "{}"),
        events.event_key(HASH, "opened", "a", AT, "{}"),
        events.event_key(HASH, "clicked", "b", AT, "{}"),
        events.event_key(HASH, "clicked", "a", AT + 1, "{}"),
        events.event_key(HASH, "clicked", "a", AT, '{"n":1}'),
        events.event_key(HASH, "clickeda", "", AT, "{}"),
        events.given_key("shop", "7"),
        events.given_key("fair", "7"),
        same,
    }
    assert len(others) == 9


def test_a_request_is_opened_once_and_has_a_number(db: Connection) -> None:
    asked = {"contact_id": 1, "asset": "guide", "at": AT, "now": AT, "source": "test"}
    first = events.add_request(db, key="k", **asked)  # type: ignore[arg-type]
    again = events.add_request(db, key="k", **asked)  # type: ignore[arg-type]
    other = events.add_request(db, key="l", **asked | {"at": AT - 1})  # type: ignore[arg-type]

    assert again == first != other
    assert count_open_requests(db) == 2
    assert requests_of(db, 1) == [
        Request(other, 2, 1, "guide", AT - 1, "open", None, None, AT - 1, None, None, None),
        Request(first, 1, 1, "guide", AT, "open", None, None, AT, None, None, None),
    ]


def test_an_answered_request_is_no_longer_open_and_not_forgotten(db: Connection) -> None:
    id = events.add_request(db, contact_id=1, asset="guide", at=AT, now=AT, source="test", key="k")
    db.execute("UPDATE request SET state = 'sent', closed_at = ?, closed_why = 'sent'", (AT + 1,))

    assert count_open_requests(db) == 0
    assert [(request.id, request.state, request.closed_at) for request in requests_of(db, 1)] == [(id, "sent", AT + 1)]
    assert requests_of(db, 2) == []
