"""Suppressions and the send journal: what it has yet to be told of them, and what only it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nurture_cli.store.queries import queries
from nurture_cli.store.suppressions import is_stronger, lift, suppression_of

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection
    from nurture_cli.store.journal_lines import SuppressionLine

_SQL = queries("suppressions")


def any_unwitnessed(db: Connection) -> bool:
    """Whether the journal has yet to be told of a suppression that was made or lifted."""
    return bool(db.execute(_SQL["any_unwitnessed"]).fetchone()[0])


def witness(db: Connection, most: int) -> list[bytes]:
    """Up to `most` lines of the journal that tell of such suppressions, which count, inside `writing`, as told."""
    rows = db.execute(_SQL["suppression_line"], {"most": most}).fetchall()
    if rows:
        db.execute(_SQL["witness"], {"last": rows[-1][0]})
    return [line for _, line in rows]


def forget_witness(db: Connection) -> None:
    """No journal tells, inside `writing`, of any suppression."""
    db.execute(_SQL["forget_witness"])


def tells_nothing_new(db: Connection, line: SuppressionLine) -> bool:
    """Whether the same people may be written to after a line about a suppression as before it.

    The database may know more than the line: what it has lifted stays lifted. Where it has another suppression under
    the line's number, only what holds for the address counts.
    """
    row = _row(line)
    found = db.execute(_SQL["same"], row).fetchone()
    if found is not None:
        return line.lifted_at is None or found[0] is not None
    held = suppression_of(db, row["address_hash"])
    if line.lifted_at is None:
        return held is not None and not is_stronger(line.reason, held.reason)
    return held is None or (held.reason, held.at) != (line.reason, line.at)


def recall(db: Connection, line: SuppressionLine) -> bool:
    """Suppress or lift, inside `writing`, what a line tells; false when it tells nothing new.

    Lines come in their order: what was lifted later has a line of its own, after this one.
    """
    if tells_nothing_new(db, line):
        return False
    row = _row(line)
    if line.lifted_at is not None:
        lift(db, row["address_hash"], why=line.lifted_why or "", at=line.lifted_at)
        return True
    lift(db, row["address_hash"], why=f"replaced by: {line.reason}", at=line.at)
    db.execute(_SQL["recall"], row)
    return True


def _row(line: SuppressionLine) -> dict[str, Any]:
    return {
        "address_hash": bytes.fromhex(line.suppressed), "number": line.number, "reason": line.reason,
        "source": line.source, "at": line.at,
    }  # fmt: skip
