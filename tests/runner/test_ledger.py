"""The ledger: nothing is claimed twice, nothing leaves its order, and a flipped bit is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from nurture_cli.errors import Refused
from nurture_cli.store import ledger
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection, DatabaseError
from nurture_cli.store.ledger import Entry, LedgerError
from nurture_cli.store.queries import queries

AT = 1772528400
HOUR = 3600


@dataclass(frozen=True)
class Due:
    """A touch that is due, of contact 1."""

    key: str = "c/1/1/1"
    contact_id: int = 1
    enrollment_id: int | None = 1
    request_id: int | None = None
    handoff_id: int | None = None
    campaign: str = "c"
    step: str = "early/a"
    hop: int = 1
    asset: str = "a"
    family: str = "a"
    once_scope: str = "*"
    channel: str = "mail"
    reaches_contact: bool = True
    stream: bool = False
    due_at: int = AT
    reason: str = "due"
    campaign_hash: str = "h"
    asset_hash: str = "h"


@pytest.fixture
def db() -> Iterator[Connection]:
    """Two contacts who stand at the first step of a campaign."""
    store = scratch(AT)
    for number in (1, 2):
        store.execute(
            "INSERT INTO contact (id, email, address_hash, stage, stage_at, created_at, updated_at)"
            " VALUES (?, ?, ?, 'early', 0, 0, 0)",
            (number, f"c{number}@b.example", bytes([number] * 16)),
        )
        store.execute(
            "INSERT INTO enrollment (id, contact_id, campaign, pass, entered_at, state, sequence, step, hop,"
            " arrived_at, anchor_at) VALUES (?, ?, 'c', 1, 0, 'moving', 'early', 'early/a', 1, 0, 0)",
            (number, number),
        )
    store.commit()
    yield store
    store.close()


def take(db: Connection, due: Due | None = None, *, domain: str = "x", run_id: int = 1) -> Entry | None:
    due = due or Due()
    return ledger.claim(db, due, message_id=f"{due.key}@{domain}", run_id=run_id, at=AT)


def taken(db: Connection, due: Due | None = None) -> Entry:
    entry = take(db, due)
    assert entry is not None
    return entry


def state(db: Connection, key: str = "c/1/1/1") -> str:
    return str(db.execute("SELECT state FROM touch WHERE key = ?", (key,)).fetchone()[0])


def test_a_touch_is_claimed_once(db: Connection) -> None:
    first, second = take(db), take(db)

    assert first is not None
    assert (first.state, first.attempts, first.body_hash) == ("claimed", 0, None)
    assert second is None


@pytest.mark.parametrize("until", ["committing", "sent", "unknown"])
def test_what_is_handed_over_sent_or_in_doubt_is_never_claimed(db: Connection, until: str) -> None:
    entry = taken(db)
    ledger.mark_committing(db, entry, body_hash="b", at=AT)
    if until == "sent":
        ledger.settle_sent(db, entry, at=AT)
    elif until == "unknown":
        ledger.settle_unknown(db, entry, at=AT, reason="who knows")

    assert state(db) == until
    assert take(db) is None


def test_the_same_content_is_not_claimed_by_another_touch(db: Connection) -> None:
    taken(db)

    assert take(db, Due(key="c/1/1/2", hop=2)) is None
    assert take(db, Due(key="c/1/1/3", hop=3, asset="variant")) is None
    assert take(db, Due(key="c/1/1/4", hop=4, family="b")) is not None
    assert take(db, Due(key="c/1/1/5", hop=5, once_scope="n:c/1/1/5")) is not None
    assert take(db, Due(key="c/1/2/1", contact_id=2, enrollment_id=2)) is not None


def test_a_key_that_is_somebody_elses_is_not_claimed(db: Connection) -> None:
    ledger.release(db, taken(db), AT)

    assert take(db, Due(contact_id=2, enrollment_id=2)) is None


def test_what_failed_or_was_put_off_frees_its_content_for_another_touch(db: Connection) -> None:
    ledger.settle_put_off(db, taken(db), at=AT, next_try_at=AT + HOUR, reason="later")

    assert take(db, Due(key="c/1/1/9", hop=9)) is not None
    assert take(db) is None, "now the other touch has it"


def test_what_was_never_delivered_is_planned_anew_with_what_the_files_say_now(db: Connection) -> None:
    ledger.release(db, taken(db), AT)
    changed = Due(asset="b", family="b", asset_hash="new", step="early/s", stream=True)
    again = take(db, changed, domain="new.example", run_id=7)

    row = db.execute("SELECT asset, family, asset_hash, step, stream, run_id, message_id FROM touch").fetchone()
    assert again is not None
    assert row == ("b", "b", "new", "early/s", 1, 7, "c/1/1/1@new.example")
    assert list(ledger.damaged(db)) == []


def test_what_may_have_arrived_stays_what_it_was(db: Connection) -> None:
    entry = taken(db)
    ledger.mark_committing(db, entry, body_hash="body", at=AT)
    ledger.settle_unknown(db, entry, at=AT, reason="who knows")
    ledger.redeliver(db, replace(entry, state="unknown"), at=AT, reason="by hand", body_hash="body")
    again = take(db, Due(asset="b", family="b"))

    assert again is not None
    assert (again.asset, again.body_hash) == ("a", "body")
    assert db.execute("SELECT asset, family FROM touch").fetchone() == ("a", "a")


def test_the_hash_of_an_attempt_in_doubt_outlives_a_refusal_of_the_next_one(db: Connection) -> None:
    entry = replace(taken(db), body_hash="body")
    ledger.mark_committing(db, entry, body_hash="body", at=AT)
    ledger.settle_put_off(db, entry, at=AT, next_try_at=AT + HOUR, reason="later")

    assert db.execute("SELECT state, body_hash FROM touch").fetchone() == ("planned", "body")


def test_a_plain_refusal_leaves_no_hash(db: Connection) -> None:
    entry = taken(db)
    ledger.mark_committing(db, entry, body_hash="body", at=AT)
    ledger.settle_put_off(db, entry, at=AT, next_try_at=AT + HOUR, reason="later")

    assert db.execute("SELECT state, body_hash FROM touch").fetchone() == ("planned", None)


def test_nothing_is_settled_out_of_order(db: Connection) -> None:
    entry = taken(db)
    with pytest.raises(LedgerError):
        ledger.settle_sent(db, entry, at=AT)
    ledger.mark_committing(db, entry, body_hash="b", at=AT)
    for wrong in (
        lambda: ledger.release(db, entry, AT),
        lambda: ledger.mark_committing(db, entry, body_hash="b", at=AT),
        lambda: ledger.resolve_sent(db, entry, at=AT, reason="r"),
    ):
        with pytest.raises(LedgerError):
            wrong()

    assert state(db) == "committing"


def test_the_ledger_is_append_only_and_sent_is_for_ever(db: Connection) -> None:
    entry = taken(db)
    ledger.mark_committing(db, entry, body_hash="b", at=AT)
    ledger.settle_sent(db, entry, at=AT)

    with pytest.raises(DatabaseError, match="append-only"):
        db.execute("DELETE FROM touch")
    with pytest.raises(DatabaseError, match="no such transition"):
        db.execute("UPDATE touch SET state = 'planned', next_try_at = 0")


def test_a_settled_touch_moves_only_the_enrollment_that_still_stands_there(db: Connection) -> None:
    entry = taken(db)
    ledger.mark_committing(db, entry, body_hash="b", at=AT)
    db.execute("UPDATE enrollment SET hop = 2")
    ledger.settle_sent(db, entry, at=AT)

    assert db.execute("SELECT step_done, anchor_at FROM enrollment WHERE id = 1").fetchone() == (0, 0)


def test_a_hold_that_goes_on_keeps_its_beginning(db: Connection) -> None:
    for number in range(3):
        entry = taken(db)
        at = AT + number * HOUR
        ledger.settle_put_off(db, entry, at=at, next_try_at=at + HOUR, reason="later")

    row = db.execute("SELECT held_reason, held_since, held_until, wake_at FROM enrollment WHERE id = 1").fetchone()
    assert row == ("deferred", AT, AT + 3 * HOUR, AT + 3 * HOUR)
    assert db.execute("SELECT attempts, first_tried_at FROM touch").fetchone() == (3, AT)


@pytest.mark.parametrize(
    ("column", "value"),
    [("asset", "b"), ("family", "b"), ("hop", 9), ("step", "late/a"), ("once_scope", "c:c"), ("message_id", "z@x")],
)
def test_a_changed_row_is_noticed(db: Connection, column: str, value: object) -> None:
    taken(db)
    assert list(ledger.damaged(db)) == []

    db.execute(f"UPDATE touch SET {column} = ?", (value,))
    assert list(ledger.damaged(db)) == ["c/1/1/1"]


@pytest.mark.parametrize("change", ["family = 'b'", "stream = 1", "once_scope = '**'"])
def test_a_touch_that_is_not_what_was_written_is_not_tried_again(db: Connection, change: str) -> None:
    ledger.release(db, taken(db), AT)
    db.execute(f"UPDATE touch SET {change}")

    with pytest.raises(Refused, match=r"touch c/1/1/1 is not as nurture left it"):
        take(db)


def test_whatever_moves_an_enrollment_breaks_its_seal() -> None:
    moving = [text for text in queries("ledger").values() if "UPDATE enrollment" in text]

    assert len(moving) > 5
    assert [text for text in moving if "digest = 0" not in text] == []
