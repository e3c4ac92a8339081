"""An import that is killed: all of the file is in, or nothing, and the same import afterwards puts it right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.inbound.contacts import ContactOptions, import_contacts
from nurture_cli.inbound.events import EventOptions, import_events
from nurture_cli.inbound.report import ImportReport
from nurture_cli.store.database import Connection, open_reader, open_writer
from tests.conftest import A_TUESDAY_MORNING as NOW

from .conftest import CONFIG, Desk
from .processes import die, forked

OLD = "email,first_name,stage,consent,tags\n" + "".join(f"p{at}@x.example,Old,name,express,a\n" for at in range(8))
CONTACTS = "email,first_name,stage,consent,tags\n" + "".join(
    f"p{at}@x.example,New,lead,{'withdrawn' if at % 7 == 0 else 'implied'},b\n" for at in range(4, 14)
)
EVENTS = "email,kind,asset,at\n" + "".join(f"p{at}@x.example,requested,a,2026-03-01\n" for at in range(8))

Act = Callable[[Connection], ImportReport]


def act_of(desk: Desk, kind: str) -> Act:
    if kind == "contacts":
        path = desk.file(CONTACTS, "new.csv")
        return lambda db: import_contacts(db, desk.keys, CONFIG, path, ContactOptions(), now=NOW + 60)
    path = desk.file(EVENTS, "events.csv")
    return lambda db: import_events(db, desk.keys, CONFIG, path, EventOptions(), now=NOW + 60)


def contents(path: Path) -> list[tuple[object, ...]]:
    db = open_reader(path)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    found = [(name, *row) for (name,) in tables for row in db.execute(f"SELECT * FROM {name}")]
    db.close()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["contacts", "events"])
def test_a_kill_at_any_statement_leaves_all_or_nothing(desk: Desk, kind: str) -> None:
    desk.contacts(OLD)
    desk.db.close()
    act = act_of(desk, kind)
    before = contents(desk.path)
    outcomes: list[bool] = []

    def import_and_die(at: int) -> None:
        db = open_writer(desk.path)
        done = 0

        def count(_statement: str) -> None:
            nonlocal done
            done += 1
            if done == at:
                die()

        db.set_trace_callback(count)
        act(db)
        db.close()

    at = 0
    while True:
        at += 1
        ended = forked(lambda at=at: import_and_die(at))  # type: ignore[misc]
        outcomes.append(contents(desk.path) == before)
        if not outcomes[-1]:
            break
        assert ended == -9
    finished = contents(desk.path)

    assert len(outcomes) > 15
    db = open_writer(desk.path)
    again = act(db)
    db.close()
    assert (again.new, again.changed) == (0, 0)
    assert contents(desk.path) == finished


@pytest.mark.parametrize("kind", ["contacts", "events"])
def test_an_interruption_leaves_nothing_and_a_connection_that_works(desk: Desk, kind: str) -> None:
    desk.contacts(OLD)
    act = act_of(desk, kind)
    before = desk.dump()
    reached = False

    def watch(statement: str) -> None:
        nonlocal reached
        reached = reached or statement.startswith("-- insert_new")

    desk.db.set_trace_callback(watch)
    desk.db.set_progress_handler(lambda: int(reached), 10)
    with pytest.raises(Exception, match="interrupted"):
        act(desk.db)
    desk.db.set_progress_handler(None, 0)
    desk.db.set_trace_callback(None)

    assert desk.dump() == before
    assert act(desk.db).new > 0
