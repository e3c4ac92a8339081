"""What the schema itself keeps true, whoever writes: tried by raw SQL, without the functions above it."""

from __future__ import annotations

import re
import sqlite3
from itertools import product
from typing import Any

import pytest

from nurture_cli.store import schema, seals
from nurture_cli.store.database import Connection
from nurture_cli.store.touches import STATES
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.rows import one

ALLOWED = {
    "planned": {"claimed", "skipped", "failed"},
    "claimed": {"planned", "committing", "failed", "skipped"},
    "committing": {"sent", "planned", "failed", "unknown"},
    "unknown": {"sent", "failed", "planned"},
    "failed": {"planned", "claimed", "skipped"},
    "sent": set[str](),
    "skipped": set[str](),
}


@pytest.fixture(autouse=True)
def people(db: Connection) -> None:
    """Contact 1, who stands in a campaign, and contact 2; nothing has changed since a run looked."""
    rows.contact(db, 1)
    rows.contact(db, 2)
    rows.enrollment(db, id=1)
    db.execute("DELETE FROM change")


def changed(db: Connection) -> list[int]:
    """The contacts that a run must look at; forgets them."""
    found = [row[0] for row in db.execute("SELECT contact_id FROM change ORDER BY id")]
    db.execute("DELETE FROM change")
    return found


def test_a_contact_stands_in_a_campaign_once_and_may_come_back(db: Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*enrollment\.contact_id, enrollment\.campaign"):
        rows.enrollment(db, **{"pass": 2})
    rows.enrollment(db, campaign="other")
    rows.enrollment(db, contact_id=2)
    db.execute("UPDATE enrollment SET state = 'ended', ended_at = 1, end_reason = 'goal' WHERE id = 1")
    rows.enrollment(db, **{"pass": 2})
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        rows.enrollment(db, **{"pass": 2, "state": "ended", "ended_at": 1, "end_reason": "goal"})


@pytest.mark.parametrize(("before", "after"), sorted(product(STATES, STATES)))
def test_a_touch_goes_only_where_it_may(db: Connection, before: str, after: str) -> None:
    rows.touch(db, state=before, next_try_at=AT, body_hash="b")
    if after == before or after in ALLOWED[before]:
        db.execute("UPDATE touch SET state = ?", (after,))
        assert one(db, "SELECT state FROM touch") == after
    else:
        with pytest.raises(sqlite3.IntegrityError, match="no such transition"):
            db.execute("UPDATE touch SET state = ?", (after,))
        assert one(db, "SELECT state FROM touch") == before


@pytest.mark.parametrize("state", STATES)
def test_no_touch_is_ever_deleted(db: Connection, state: str) -> None:
    rows.touch(db, state=state, next_try_at=AT, body_hash="b")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("DELETE FROM touch")


@pytest.mark.parametrize("state", STATES)
def test_what_is_taken_sent_or_in_doubt_keeps_the_same_content_out(db: Connection, state: str) -> None:
    rows.touch(db, "first", state=state, next_try_at=AT, body_hash="b")
    rows.touch(db, "other content", family="b")
    rows.touch(db, "other scope", once_scope="c:c")
    rows.touch(db, "other contact", contact_id=2)
    rows.touch(db, "other state", state="planned", next_try_at=AT)
    if state in ("claimed", "committing", "sent", "unknown"):
        with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*touch\.family"):
            rows.touch(db, "second")
        with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*touch\.family"):
            db.execute("UPDATE touch SET state = 'claimed' WHERE key = 'other state'")
    else:
        rows.touch(db, "second")


@pytest.mark.parametrize("state", STATES)
def test_a_touch_counts_by_its_state_however_it_came_to_it(db: Connection, state: str) -> None:
    rows.touch(db, "made", state=state, next_try_at=AT, body_hash="b")
    rows.touch(db, "wrong", family="b", state=state, counted=int(state == "planned"), next_try_at=AT, body_hash="b")
    before = {state} if state in ("planned", "claimed") else {old for old, new in ALLOWED.items() if state in new}
    for old in before:
        rows.touch(db, f"from {old}", family=old, state=old, next_try_at=AT, body_hash="b")
        db.execute("UPDATE touch SET state = ? WHERE key = ?", (state, f"from {old}"))

    counted = int(state in ("claimed", "committing", "sent", "unknown"))
    assert set(db.execute("SELECT counted FROM touch")) == {(counted,)}


def test_a_touch_has_a_key_and_a_message_id_of_its_own(db: Connection) -> None:
    rows.touch(db, "k", message_id="m")
    with pytest.raises(sqlite3.IntegrityError, match=r"touch\.key"):
        rows.touch(db, "k", message_id="n", family="b")
    with pytest.raises(sqlite3.IntegrityError, match=r"touch\.message_id"):
        rows.touch(db, "l", message_id="m", family="b")


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("contact", {"number": 9, "email": "a@"}),
    ("contact", {"number": 9, "email": "a" * 255}),
    ("contact", {"number": 9, "address_hash": bytes(15)}),
    ("contact", {"number": 9, "address_hash": (1).to_bytes(16, "big")}),
    ("contact", {"number": 9, "consent": "yes"}),
    ("contact", {"number": 9, "fields": "{"}),
    ("contact", {"number": 9, "created_at": "today"}),
    ("contact", {"number": 9, "stage": None}),
    ("enrollment", {"pass": 0, "campaign": "d"}),
    ("enrollment", {"contact_id": 99}),
    ("enrollment", {"campaign": "d", "state": "asleep"}),
    ("enrollment", {"campaign": "d", "state": "ended"}),
    ("enrollment", {"campaign": "d", "ended_at": 1, "end_reason": "goal"}),
    ("enrollment", {"campaign": "d", "ended_at": 1, "state": "ended"}),
    ("enrollment", {"campaign": "d", "state": "held"}),
    ("enrollment", {"campaign": "d", "state": "held", "held_reason": "cap"}),
    ("enrollment", {"campaign": "d", "held_reason": "cap", "held_since": 1}),
    ("enrollment", {"campaign": "d", "step": None}),
    ("enrollment", {"campaign": "d", "sequence": None, "state": "waiting"}),
    ("enrollment", {"campaign": "d", "step_done": 2}),
    ("event", {"kind": ""}),
    ("event", {"machine": 2}),
    ("event", {"properties": "no"}),
    ("event", {"contact_id": 99}),
    ("suppression", {"reason": "bored"}),
    ("suppression", {"address_hash": b"short"}),
    ("suppression", {"lifted_at": 1}),
    ("suppression", {"lifted_why": "asked to come back"}),
    ("touch", {"state": "posted"}),
    ("touch", {"reason": ""}),
    ("touch", {"state": "planned"}),
    ("touch", {"state": "committing"}),
    ("touch", {"state": "sent"}),
    ("touch", {"state": "unknown"}),
    ("touch", {"enrollment_id": None}),
    ("touch", {"request_id": 1}),
    ("touch", {"reaches_contact": 2}),
    ("touch", {"stream": 2}),
    ("touch", {"contact_id": 99}),
    ("touch", {"digest": None}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "wrong"), REFUSED, ids=[f"{table} {wrong}"[:60] for table, wrong in REFUSED])
def test_a_row_that_makes_no_sense_is_refused(db: Connection, table: str, wrong: dict[str, Any]) -> None:
    rows.event(db, "request", kind="requested", asset="a")
    maker = getattr(rows, table)
    with pytest.raises(sqlite3.IntegrityError):
        maker(db, **wrong)
    sound = {"contact": {"number": 9}, "enrollment": {"campaign": "d"}}
    maker(db, **sound.get(table, {}))


def test_tags_tasks_requests_and_imports_are_checked_too(db: Connection) -> None:
    rows.touch(db, id=5)
    for table, row in {
        "contact_tag": {"contact_id": 1, "tag": ""},
        "task": {"touch_id": 99, "contact_id": 1, "title": "", "body": "", "made_at": 1},
        "request": {"event_id": 99, "contact_id": 1, "asset": "a", "requested_at": 1},
        "import": {"at": 1, "kind": "people", "file": "f", "file_hash": "h", "counts": "{}"},
        "instance": {"one": 2, "id": "i", "created_at": 1, "host": "h", "path": "p"},
        "decision": {
            "enrollment_id": 1, "hop": 1, "kind": "set", "step": "s", "outcome": "o", "facts": "{", "at": 1,
            "campaign_hash": "h",
        },
    }.items():  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError):
            rows.insert(db, table, **row)
    rows.event(db, "request", kind="requested", asset="a")
    for query in ("UPDATE request SET state = 'sent'", "UPDATE request SET closed_at = 1"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(query)


def test_the_same_event_told_twice_is_one(db: Connection) -> None:
    rows.event(db, "k")
    with pytest.raises(sqlite3.IntegrityError, match=r"event\.key"):
        rows.event(db, "k", kind="replied")


def test_an_address_is_suppressed_once_at_a_time(db: Connection) -> None:
    rows.suppression(db)
    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE.*suppression\.address_hash"):
        rows.suppression(db, reason="complaint")
    db.execute("UPDATE suppression SET lifted_at = 1, lifted_why = 'asked'")
    rows.suppression(db, reason="complaint")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE contact SET company = 'b' WHERE id = 2", [2]),
        ("INSERT INTO contact_tag VALUES (2, 't')", [2]),
        ("DELETE FROM contact_tag", [1]),
        ("UPDATE event SET machine = 1", [1]),
        ("UPDATE event SET machine = machine", []),
        ("UPDATE event SET properties = '{}'", []),
        ("UPDATE suppression SET lifted_at = 1, lifted_why = 'asked'", [1]),
        ("UPDATE touch SET state = 'sent' WHERE key = 'in doubt'", [2]),
        ("UPDATE touch SET state = 'failed' WHERE key = 'in doubt'", [2]),
        ("UPDATE touch SET state = 'claimed' WHERE key = 'put off'", [2]),
        ("UPDATE touch SET state = 'skipped' WHERE key = 'put off'", [2]),
        ("UPDATE touch SET state = 'sent' WHERE key = 'committing'", []),
        ("UPDATE touch SET state = 'failed' WHERE key = 'committing'", []),
        ("UPDATE touch SET state = 'unknown' WHERE key = 'committing'", []),
        ("UPDATE touch SET reply = 'ok'", []),
        ("UPDATE enrollment SET wake_at = 1", []),
    ],
)
def test_a_change_of_what_is_known_of_a_contact_is_queued(db: Connection, statement: str, expected: list[int]) -> None:
    db.execute("INSERT INTO contact_tag VALUES (1, 'old')")
    rows.event(db)
    rows.suppression(db)
    rows.touch(db, "committing", state="committing", body_hash="b", run_id=7)
    rows.touch(db, "in doubt", contact_id=2, state="unknown", body_hash="b", run_id=7)
    rows.touch(db, "put off", contact_id=2, family="b", state="planned", next_try_at=AT, run_id=7)
    assert changed(db) == [1, 1, 1], "the tag, the event and the suppression"
    db.execute(statement)

    assert changed(db) == expected


def test_a_claimed_touch_queues_its_contact_once_and_names_its_run_as_nothing_else_does(db: Connection) -> None:
    rows.touch(db, run_id=7)
    db.execute("UPDATE touch SET state = 'committing', body_hash = 'b'")
    db.execute("UPDATE touch SET state = 'sent'")
    rows.event(db)

    assert db.execute("SELECT contact_id, run_id FROM change ORDER BY id").fetchall() == [(1, 7), (1, None)]


def test_a_suppression_of_nobody_we_know_queues_nobody(db: Connection) -> None:
    rows.suppression(db, address_hash=bytes([9] * 16))

    assert changed(db) == []


def test_a_number_in_the_queue_is_never_used_again(db: Connection) -> None:
    rows.event(db, "a")
    first = one(db, "SELECT max(id) FROM change")
    db.execute("DELETE FROM change")
    rows.event(db, "b")

    assert one(db, "SELECT max(id) FROM change") > first


def test_a_request_is_opened_by_what_a_human_asked_for_and_by_nothing_else(db: Connection) -> None:
    rows.event(db, "no asset", kind="requested")
    rows.event(db, "a machine", kind="requested", asset="a", machine=1)
    rows.event(db, "another kind", kind="downloaded", asset="a")
    assert one(db, "SELECT count(*) FROM request") == 0
    id = rows.event(db, "a human", kind="requested", asset="a", at=AT + 5)

    query = "SELECT event_id, contact_id, asset, requested_at, state, wake_at FROM request"
    assert db.execute(query).fetchall() == [(id, 1, "a", AT + 5, "open", AT + 5)]


# Columns of contact that are in no seal, and why that is safe.
UNSEALED = {"address_hash": "an index has it a second time, and it belongs to the address"}


def test_every_column_of_a_contact_is_sealed(db: Connection) -> None:
    columns = {row[1] for row in db.execute("PRAGMA table_info (contact)")}

    assert set(re.findall(r"\bc\.(\w+)", seals.CONTACT)) == columns - set(UNSEALED), "store/seals.py seals the columns"


def test_every_file_of_the_schema_is_a_migration() -> None:
    written = sorted(path.stem for path in schema.FOLDER.glob("*.sql"))

    assert written == list(schema.MIGRATIONS), "store/schema/__init__.py names the files"
    assert [int(name[:4]) for name in written] == list(range(1, schema.SCHEMA_VERSION + 1))
