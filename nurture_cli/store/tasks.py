"""Tasks: to-dos for the marketer, made by touches of a task channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurture_cli.errors import WrongUsage
from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("tasks")


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing that somebody has to do for a contact."""

    id: int
    touch_id: int
    contact_id: int
    email: str
    title: str
    body: str
    made_at: int
    done_at: int | None
    note: str | None


def list_tasks(db: Connection, *, done_too: bool = False) -> list[ToDo]:
    """To-dos, oldest first."""
    return [ToDo(*row) for row in db.execute(_SQL["list"], {"all": int(done_too)})]


def count_open_tasks(db: Connection) -> int:
    """How many to-dos are open."""
    count: int = db.execute(_SQL["count_open"]).fetchone()[0]
    return count


def finish_task(db: Connection, id: int, *, note: str | None, now: int) -> bool:
    """Tick a to-do off, inside `writing`; false when it was done already. Raises WrongUsage when there is none."""
    if db.execute(_SQL["by_id"], (id,)).fetchone() is None:
        raise WrongUsage(f"There is no task {id}.", "`nurture tasks list` shows the open ones.")
    return db.execute(_SQL["finish"], {"id": id, "note": note, "now": now}).rowcount == 1
