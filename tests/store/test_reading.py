"""What a human looks at: touches, tasks, enrollments, runs and imports."""

from __future__ import annotations

from typing import Any

import pytest

from nurture_cli.errors import WrongUsage
from nurture_cli.store import runs
from nurture_cli.store.database import Connection
from nurture_cli.store.enrollments import count_ended, count_enrollments
from nurture_cli.store.runs import ImportRecord, Run
from nurture_cli.store.tasks import ToDo, finish_task, list_tasks
from nurture_cli.store.touches import Touch, count_touches, find_touch, list_touches
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.rows import one


@pytest.fixture(autouse=True)
def people(db: Connection) -> None:
    rows.contact(db, 1)
    rows.contact(db, 2)
    rows.enrollment(db, id=1)


def keys(db: Connection, **filters: Any) -> list[str]:
    return [touch.key for touch in list_touches(db, **filters)]


def test_a_touch_is_read_as_the_ledger_has_it(db: Connection) -> None:
    rows.touch(db, "k", id=5, state="sent", body_hash="b", code=250, reply="ok", reaches_contact=0, attempts=1)

    assert find_touch(db, "k") == Touch(
        id=5, key="k", contact_id=1, email="c1@b.example", campaign="c", step="early/a", asset="a", family="a",
        channel="mail", reaches_contact=False, state="sent", reason="due", at=AT, due_at=AT, attempts=1,
        next_try_at=None, message_id="k@x", run_id=1, code=250, reply="ok",
    )  # fmt: skip
    assert find_touch(db, "l") is None


def test_touches_are_filtered_and_the_newest_change_comes_first(db: Connection) -> None:
    rows.touch(db, "a", family="a", at=AT + 1)
    rows.touch(db, "b", family="b", at=AT + 3, contact_id=2)
    rows.touch(db, "c", family="c", at=AT + 2, campaign="other", run_id=2)
    rows.touch(db, "d", family="d", at=AT + 2, state="failed")

    assert keys(db) == ["b", "d", "c", "a"]
    assert keys(db, most=2) == ["b", "d"]
    assert keys(db, state="claimed") == ["b", "c", "a"]
    assert keys(db, contact_id=1) == ["d", "c", "a"]
    assert keys(db, campaign="other") == ["c"]
    assert keys(db, run_id=2) == ["c"]
    assert keys(db, contact_id=1, state="failed") == ["d"]
    assert keys(db, contact_id=2, state="failed") == []
    assert count_touches(db) == {"claimed": 3, "failed": 1}


def test_touches_are_counted_by_state_and_states_that_do_not_occur_are_left_out(db: Connection) -> None:
    assert count_touches(db) == {}
    for number, state in enumerate(
        ("sent", "sent", "unknown", "committing", "claimed", "failed", "skipped", "planned")
    ):
        rows.touch(db, str(number), family=str(number), state=state, body_hash="b", next_try_at=AT)

    assert count_touches(db) == {
        "claimed": 1, "committing": 1, "failed": 1, "planned": 1, "sent": 2, "skipped": 1, "unknown": 1,
    }  # fmt: skip
    assert list(count_touches(db)) == sorted(count_touches(db))


def test_a_task_is_listed_until_it_is_done_and_done_once(db: Connection) -> None:
    for number in (1, 2):
        rows.touch(db, str(number), id=number, family=str(number))
        rows.insert(db, "task", touch_id=number, contact_id=1, title=f"t{number}", body="b", made_at=AT - number)
    assert [task.title for task in list_tasks(db)] == ["t2", "t1"]
    assert finish_task(db, 1, note="reached", now=AT + 1)
    assert not finish_task(db, 1, note="again", now=AT + 2)

    assert [task.title for task in list_tasks(db)] == ["t2"]
    assert list_tasks(db, done_too=True)[1] == ToDo(1, 1, 1, "c1@b.example", "t1", "b", AT - 1, AT + 1, "reached")
    with pytest.raises(WrongUsage, match="There is no task 9"):
        finish_task(db, 9, note=None, now=AT)


def test_enrollments_are_counted_where_they_stand_and_how_they_ended(db: Connection) -> None:
    rows.enrollment(db, contact_id=2, state="held", held_reason="cap", held_since=AT)
    rows.enrollment(db, campaign="d", state="held", held_reason="deferred", held_since=AT)
    rows.enrollment(db, campaign="d", contact_id=2, state="ended", ended_at=AT, end_reason="goal")

    assert count_enrollments(db) == {"c": {"moving": 1, "held: cap": 1}, "d": {"held: deferred": 1}}
    assert count_ended(db) == {"d": {"goal": 1}}


def test_a_run_is_begun_and_finished(db: Connection) -> None:
    first = runs.begin_run(db, at=AT, due=5, held=2)
    second = runs.begin_run(db, at=AT + 9, due=1, held=0)
    runs.finish_run(db, first, at=AT + 1, sent=2, failed=1, deferred=1, unknown=1, ended="done")

    assert runs.last_runs(db, 9) == [
        Run(second, AT + 9, None, 1, 0, 0, 0, 0, 0, None),
        Run(first, AT, AT + 1, 5, 2, 1, 1, 1, 2, "done", code=0),
    ]
    assert [run.id for run in runs.last_runs(db, 1)] == [second]


def test_the_biggest_run_is_looked_for_among_the_last_twenty_that_had_something_to_do(db: Connection) -> None:
    assert runs.biggest_run(db) is None
    for due in (500, 9, *[1] * 19):
        id = runs.begin_run(db, at=AT, due=due, held=0)
        runs.finish_run(db, id, at=AT, sent=0, failed=0, deferred=0, unknown=0, ended="the relay is down")
    runs.record_blocked(db, at=AT, due=0, ended="login refused", code=78)

    assert runs.biggest_run(db) == 9


def test_imports_are_remembered_newest_first(db: Connection) -> None:
    for kind in ("contacts", "events"):
        runs.record_import(db, at=AT, kind=kind, file="f.csv", file_hash="h", counts={"new": 3})

    assert runs.last_imports(db, 1) == [ImportRecord(2, AT, "events", "f.csv", "h", {"new": 3})]
    assert [record.kind for record in runs.last_imports(db, 9)] == ["events", "contacts"]


def test_the_clock_of_the_last_run_is_kept(db: Connection) -> None:
    runs.record_last_run(db, AT)

    assert one(db, "SELECT last_run_at FROM instance") == AT
