"""The contacts that a condition selects."""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.config import names_of
from nurture_cli.campaign.model import Config
from nurture_cli.language.condition import parse_where
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import stored_scope
from nurture_cli.planner.compile import compile_condition
from nurture_cli.planner.world import build_world
from nurture_cli.project import Project
from nurture_cli.records import Contact
from nurture_cli.store.contacts import count_contacts, iterate_contacts, load_contacts
from nurture_cli.store.database import Connection

_CHUNK = 1000


class Selection:
    """All contacts, or those that meet the condition `where` at instant `now`, in the order of their ids."""

    def __init__(self, project: Project, config: Config, db: Connection, where: str | None, now: int) -> None:
        self._db = db
        self._ids = None if where is None else _selected(project, config, db, where, now)

    def __len__(self) -> int:
        return count_contacts(self._db) if self._ids is None else len(self._ids)

    def __iter__(self) -> Iterator[Contact]:
        if self._ids is None:
            yield from iterate_contacts(self._db)
            return
        for start in range(0, len(self._ids), _CHUNK):
            yield from load_contacts(self._db, self._ids[start : start + _CHUNK]).values()


def _selected(project: Project, config: Config, db: Connection, where: str, now: int) -> list[int]:
    condition = parse_where(where, names_of(config, project.assets))
    parameters = Parameters(now=now)
    scope = stored_scope(db, build_world(project), now, [condition])
    sql = compile_condition(condition.body, scope, parameters)
    return [row[0] for row in db.execute(f"SELECT c.id FROM contact c WHERE {sql} ORDER BY c.id", parameters)]
