"""The lists of touches, tasks and suppressions: who is in them, in which order, and found how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nurture_cli.report.listing import Listing, count, first
from nurture_cli.report.lists import suppression_list, task_list, touch_list
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from nurture_cli.store.touches import STATES
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows


@pytest.fixture
def db() -> Iterator[Connection]:
    db = scratch(AT)
    rows.contact(db, 1)
    rows.contact(db, 2)
    rows.enrollment(db, id=1)
    yield db
    db.close()


def column(db: Connection, listing: Listing, name: str) -> list[str]:
    found = [text for (text,) in first(db, listing.only([name]), str, -1)]
    assert count(db, listing) == len(found)
    return found


def plan_of(db: Connection, listing: Listing) -> list[str]:
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN SELECT 1 {listing.source}", listing.bound)]


def test_touches_are_filtered_and_the_newest_change_comes_first(db: Connection) -> None:
    rows.touch(db, "a", family="a", at=AT + 1)
    rows.touch(db, "b", family="b", at=AT + 3, contact_id=2)
    rows.touch(db, "c", family="c", at=AT + 2, campaign="other")
    rows.touch(db, "d", family="d", at=AT + 2, state="failed")

    assert column(db, touch_list(), "key") == ["b", "d", "c", "a"]
    assert column(db, touch_list(state="claimed"), "key") == ["b", "c", "a"]
    assert column(db, touch_list(contact_id=1), "key") == ["d", "c", "a"]
    assert column(db, touch_list(campaign="other"), "key") == ["c"]
    assert column(db, touch_list(contact_id=1, state="failed"), "key") == ["d"]
    assert column(db, touch_list(contact_id=2, state="failed"), "key") == []
    assert [key for key, *_ in first(db, touch_list(most=2), str, -1)] == ["b", "d"]


@pytest.mark.parametrize("state", STATES)
def test_touches_in_each_state_are_found(db: Connection, state: str) -> None:
    for number, one in enumerate(STATES):
        rows.touch(db, str(number), family=str(number), state=one, body_hash="b", next_try_at=AT)

    assert column(db, touch_list(state=state), "state") == [state]
    assert column(db, touch_list(state=state, contact_id=1), "state") == [state]
    found = plan_of(db, touch_list(state=state))
    assert state == "sent" or any("touch_uncounted" in line or "touch_unsettled" in line for line in found)


def test_touches_of_one_contact_are_looked_up_and_only_their_ids_are_sorted(db: Connection) -> None:
    plan = plan_of(db, touch_list(contact_id=1))

    assert [line for line in plan if line.startswith("SCAN")] == ["SCAN newest"]
    assert plan.index("USE TEMP B-TREE FOR ORDER BY") < plan.index("SCAN newest")
    assert plan[-2:] == ["SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"]


def test_tasks_come_in_the_order_in_which_they_were_made_without_sorting_the_open_ones(db: Connection) -> None:
    for number in (1, 2, 3):
        made = {"title": f"t{number}", "body": "b", "made_at": AT - number, "done_at": AT if number == 3 else None}
        rows.insert(db, "task", key=str(number), contact_id=1, **made)

    assert column(db, task_list(done_too=False), "title") == ["t2", "t1"]
    assert column(db, task_list(done_too=True), "title") == ["t3", "t2", "t1"]
    assert not any("TEMP B-TREE" in line for line in plan_of(db, task_list(done_too=False)))


def test_a_suppression_is_known_by_its_address_or_by_its_hash(db: Connection) -> None:
    rows.suppression(db, at=AT)
    rows.suppression(db, address_hash=b"\xab" * 16, at=AT - 1)
    rows.suppression(db, address_hash=b"\xcd" * 16, at=AT - 2, lifted_at=AT, lifted_why="their wish")

    assert column(db, suppression_list(for_people=False), "email") == ["", "c1@b.example"]
    assert column(db, suppression_list(for_people=False), "address_hash") == ["ab" * 16, f"{1:032x}"]
    assert column(db, suppression_list(for_people=True), "email") == ["(hash abababab…)", "c1@b.example"]
