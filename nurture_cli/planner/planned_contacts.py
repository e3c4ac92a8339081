"""Contacts in the course of a plan: `temp.contact_now` has those that the plan looks at closely or changes."""

from __future__ import annotations

from typing import NamedTuple

from nurture_cli.planner.bound import Parameters
from nurture_cli.store.database import Connection


class PlannedRows(NamedTuple):
    """A table of contacts, and the terms on its row c that choose some of them."""

    table: str
    among: str


AS_STORED = PlannedRows("main.contact", "1")
# Every contact once: those whose stage the plan changed are in temp.contact_now.
AS_PLANNED = (
    PlannedRows("main.contact", "c.id NOT IN (SELECT cid FROM temp.stage_change)"),
    PlannedRows("temp.contact_now", "c.id IN (SELECT cid FROM temp.stage_change)"),
)


def copy_contacts(db: Connection, contacts: str, parameters: Parameters | None = None) -> None:
    """Copy these contacts (SQL that selects ids) to `temp.contact_now`, so that the plan can change them."""
    db.execute(
        f"INSERT INTO temp.contact_now SELECT *, 0 FROM main.contact WHERE id IN ({contacts})"
        " AND id NOT IN (SELECT id FROM temp.contact_now)",
        parameters or {},
    )
