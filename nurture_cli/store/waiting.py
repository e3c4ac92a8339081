"""Temporary tables on disk where the rows of a file wait before they are merged into the store, and the rows left out.

So memory stays bounded, and only the merge holds the write lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nurture_cli.store.database import Connection, forget_temporary, translated
from nurture_cli.store.queries import queries

_MOST_REASONS = 5
_SQL = queries("waiting")


@contextmanager
def waiting(db: Connection, tables: Sequence[str]) -> Iterator[None]:
    """The temporary tables that these statements make and one for problems, no others; call outside a transaction."""
    with translated(db.path):
        forget_temporary(db)
        for statement in (_SQL["make_problems"], *tables):
            db.execute(statement)
    try:
        yield
    finally:
        forget_temporary(db)


@contextmanager
def aside(db: Connection) -> Iterator[None]:
    """A transaction that writes temporary tables only: it takes no lock of the database."""
    with translated(db.path):
        db.execute("BEGIN")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def refuse_row(db: Connection, row: int, reason: str) -> None:
    """Note that a row of the file is not taken in."""
    db.execute(_SQL["add_problem"], (row, reason))


def count_problems(db: Connection) -> tuple[int, int]:
    """How many rows were refused, and how many have the identity of an earlier row."""
    refused, repeated = db.execute(_SQL["count_problems"]).fetchone()
    return refused, repeated


def reasons(db: Connection) -> tuple[tuple[str, int], ...]:
    """Why rows were refused, the most frequent reasons first."""
    return tuple(db.execute(_SQL["count_reasons"], {"most": _MOST_REASONS}))


def problems(db: Connection) -> Iterator[tuple[int, str]]:
    """The rows that were left out and why, in their order."""
    return iter(db.execute(_SQL["problems"]))
