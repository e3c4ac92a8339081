"""Suppressions and the send journal: its lines about them are written from the database, and taken over into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nurture_cli.store.queries import queries
from nurture_cli.store.suppressions import is_stronger, lift, suppression_of

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection
    from nurture_cli.store.journal_lines import SuppressionLine

_SQL = queries("suppressions")


def any_unwitnessed(db: Connection) -> bool:
    """Whether a suppression was made or lifted that no line of the journal tells of."""
    return bool(db.execute(_SQL["any_unwitnessed"]).fetchone()[0])


def lines_to_write(db: Connection, limit: int) -> list[bytes]:
    """The lines for at most `limit` such suppressions, which count as witnessed from now on; inside `writing`."""
    rows = db.execute(_SQL["suppression_line"], {"limit": limit}).fetchall()
    if rows:
        db.execute(_SQL["witness"], {"last": rows[-1][0]})
    return [line for _, line in rows]


def forget_witnessed(db: Connection) -> None:
    """Let no suppression count as witnessed, inside `writing`: the journal begins anew."""
    db.execute(_SQL["forget_witnessed"])


def is_news(db: Connection, line: SuppressionLine) -> bool:
    """Whether a line changes who may be written to.

    The database may know more than the line: what it has lifted stays lifted. Where it has another suppression under
    the line's number, only what holds for the address counts.
    """
    row = _row(line)
    found = db.execute(_SQL["same"], row).fetchone()
    if found is not None:
        return line.lifted_at is not None and found[0] is None
    held = suppression_of(db, row["address_hash"])
    if line.lifted_at is None:
        return held is None or is_stronger(line.reason, held.reason)
    return held is not None and (held.reason, held.at) == (line.reason, line.at)


def take_over(db: Connection, line: SuppressionLine) -> bool:
    """Suppress or lift what a line tells, inside `writing`; false when it is no news.

    Take the lines over in their order: what was lifted later has a line of its own, after this one.
    """
    if not is_news(db, line):
        return False
    row = _row(line)
    if line.lifted_at is not None:
        lift(db, row["address_hash"], why=line.lifted_why or "", at=line.lifted_at)
        return True
    lift(db, row["address_hash"], why=f"replaced by: {line.reason}", at=line.at)
    db.execute(_SQL["insert_witnessed"], row)
    return True


def _row(line: SuppressionLine) -> dict[str, Any]:
    return {
        "address_hash": bytes.fromhex(line.suppressed), "number": line.number, "reason": line.reason,
        "source": line.source, "at": line.at,
    }  # fmt: skip
