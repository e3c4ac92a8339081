"""All that is kept about one contact, for the contact: the answer to a request for access."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_JSON = ("fields", "properties", "facts", "fit_why")
_SQL = queries("dossier")


def dossier(db: Connection, contact_id: int) -> dict[str, list[dict[str, Any]]]:
    """For each kind of record the rows about the contact, oldest first; instants are seconds since 1970, in UTC."""
    return {noun: _rows(db, query, contact_id) for noun, query in _SQL.items()}


def _rows(db: Connection, query: str, contact_id: int) -> list[dict[str, Any]]:
    cursor = db.execute(query, {"id": contact_id})
    names = [column[0] for column in cursor.description]
    return [{name: _plain(name, value) for name, value in zip(names, row, strict=True)} for row in cursor]


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return json.loads(value) if name in _JSON else value
