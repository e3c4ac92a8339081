"""The contacts that a condition selects."""

from __future__ import annotations

from nurture_cli.campaign.config import names_of
from nurture_cli.campaign.model import Config
from nurture_cli.language.condition import parse_where
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.companies import stored_scope
from nurture_cli.planner.compile import compile_condition
from nurture_cli.planner.world import build_world
from nurture_cli.project import Project
from nurture_cli.store.contacts import count_contacts
from nurture_cli.store.database import Connection


class Selection:
    """All contacts, or those that meet the condition `where` at instant `now`.

    `ids` is SQL that finds their ids, '' for all of them, and `bound` its values.
    """

    def __init__(self, project: Project, config: Config, db: Connection, where: str | None, now: int) -> None:
        self._db = db
        self.bound = Parameters(now=now)
        self.ids = "" if where is None else _ids(project, config, db, where, now, self.bound)

    def __len__(self) -> int:
        if not self.ids:
            return count_contacts(self._db)
        number: int = self._db.execute(f"SELECT count(*) FROM ({self.ids})", self.bound).fetchone()[0]
        return number


def _ids(project: Project, config: Config, db: Connection, where: str, now: int, bound: Parameters) -> str:
    condition = parse_where(where, names_of(config, project.assets))
    scope = stored_scope(db, build_world(project), now, [condition])
    return f"SELECT c.id FROM main.contact c WHERE {compile_condition(condition.body, scope, bound)}"
