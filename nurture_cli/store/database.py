"""The door to SQLite: connections that read, connections that write, and the transaction that writes.

Only `create.py` makes databases. `open_reader` and `open_writer` refuse any file but a database of nurture's with the
schema of this version. Write only inside `writing`, which also keeps two processes from committing or checkpointing at
the same moment (SQLite before 3.51.3 may lose data then).
"""

from __future__ import annotations

import os
import sqlite3  # noqa: TID251  this is the door
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from nurture_cli.errors import Busy, InputOutput, Refused
from nurture_cli.ownership import give_back
from nurture_cli.store import locks
from nurture_cli.store.ballast import Ballast
from nurture_cli.store.faults import DiskFull, damaged, translated
from nurture_cli.store.locks import Lock, beside, write_lock
from nurture_cli.store.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = [
    "WAIT", "Ballast", "Connection", "DatabaseError", "DiskFull", "IntegrityError", "Lock", "connect",
    "forget_temporary", "open_reader", "open_to_migrate", "open_unchecked", "open_writer", "run_lock",
    "schema_version", "sole_writer", "transaction", "translated", "writing",
]  # fmt: skip

WAIT = 120.0  # seconds to wait for another writer: an import of a million contacts is one transaction
_BETWEEN_LOOKS = 100_000  # of SQLite's instructions, a millisecond or two
# IMMEDIATE would begin to write to the temporary tables as well: each commit would then go through all their pages.
_BEGIN_TO_WRITE = ("BEGIN", "UPDATE main.instance SET one = one WHERE 0")
_CACHE_KIB = 64 * 1024
_TEMPORARY_KIB = 16 * 1024  # of temporary tables; the rest of a large plan waits in files without a name

DatabaseError = sqlite3.DatabaseError
IntegrityError = sqlite3.IntegrityError


class Connection(sqlite3.Connection):
    """A connection to the database at `path` (None: a scratch database that nobody else sees)."""

    path: Path | None = None
    lock_file: Path | None = None
    writes: bool = False
    inside_sole_writer: bool = False

    def close(self) -> None:
        """Close; a writer does so inside the write lock, because the last one to close copies the log into the file."""
        if self.path is None or not self.writes:
            super().close()
            return
        try:
            with write_lock(self.path, WAIT, self.lock_file):
                super().close()
        except (Busy, InputOutput):
            # The holder of the lock has the file open, so this is not the last connection and copies nothing.
            super().close()


def open_reader(path: Path) -> Connection:
    """A connection that can write to temporary tables alone; refuses the same files as `open_writer`."""
    db = open_unchecked(path)
    try:
        _refuse_strange_schema(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_writer(path: Path) -> Connection:
    """A connection for `writing`, durable at every commit.

    Refuses a file that is missing, empty, foreign, damaged, of an older or newer schema, or has a second name.
    """
    db = _open_writer(path, _refuse_strange_schema)
    with translated(path):
        db.execute("PRAGMA foreign_keys = ON")
    return db


def open_to_migrate(path: Path) -> Connection:
    """A connection that writes to a database of an older schema too, with foreign keys not enforced."""
    return _open_writer(path, schema_version)


def _open_writer(path: Path, refuse: Callable[[Connection, Path], object]) -> Connection:
    _refuse_strange_file(path)
    with translated(path):
        db = connect(f"{path.resolve().as_uri()}?mode=rw", path, one_thread=False)  # a run has several connections
        try:
            refuse(db, path)
            db.writes = True
            db.lock_file = beside(path, locks.WRITE_SUFFIX)
            db.execute("PRAGMA synchronous = FULL")
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                # A copy that was restored or exported may have lost the mode.
                with write_lock(path, WAIT):
                    db.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            db.close()
            raise
    return db


def open_unchecked(path: Path) -> Connection:
    """A reading connection that refuses only files that are no database at all: for doctor, backup and migrate."""
    _refuse_strange_file(path)
    real = path.resolve()
    with translated(path):
        try:
            return connect(f"{real.as_uri()}?mode=ro", path)
        except sqlite3.OperationalError:
            # In a directory that we may not write to, SQLite cannot make the shared memory of the log. Without a
            # log nobody is writing, and the file alone is the whole truth.
            log = real.with_name(real.name + "-wal")
            if os.access(real.parent, os.W_OK) or (log.exists() and log.stat().st_size):
                raise
            return connect(f"{real.as_uri()}?immutable=1", path)


@contextmanager
def run_lock(path: Path) -> Iterator[Lock]:
    """Be the only run on the database at `path`; raises Busy at once when there is another.

    Raises Refused, and leaves no lock file, when there is no database.
    """
    _refuse_strange_file(path)
    with locks.run_lock(path) as lock:
        yield lock


@contextmanager
def writing(db: Connection, wait: float = WAIT) -> Iterator[None]:
    """One transaction that is kept whole or undone; raises Busy when another writer takes longer than `wait` seconds.

    Inside another `writing` of the same connection it is a part of that, which can be undone by itself.
    """
    if db.in_transaction:
        with translated(db.path), _savepoint(db):
            yield
    else:
        with translated(db.path), sole_writer(db, wait), transaction(db, _BEGIN_TO_WRITE):
            yield


@contextmanager
def sole_writer(db: Connection, wait: float = WAIT) -> Iterator[None]:
    """Be the only one who writes, over several transactions and between them; raises Busy as `writing` does.

    Does nothing inside another `sole_writer` or `writing` of the same connection.
    """
    if db.path is None or db.inside_sole_writer or db.in_transaction:
        yield
        return
    with write_lock(db.path, wait, db.lock_file):
        db.inside_sole_writer = True
        try:
            yield
        finally:
            db.inside_sole_writer = False


@contextmanager
def rehearsing(db: Connection, *, undo: bool) -> Iterator[None]:
    """One transaction as in `writing`, which is undone at its end if `undo` is set: for previews."""
    with suppress(_RehearsalOver), writing(db):
        yield
        if undo:
            raise _RehearsalOver


class _RehearsalOver(Exception):
    """Undoes the transaction of a rehearsal."""


@contextmanager
def transaction(db: Connection, begin: Sequence[str] = ("BEGIN IMMEDIATE",)) -> Iterator[None]:
    """One transaction of a database that nobody else has open; everything else goes through `writing`."""
    first, *more = begin
    db.execute(first)
    try:
        for statement in more:
            db.execute(statement)
        yield
        db.execute("COMMIT")
    except BaseException:
        # An error such as a full disk may have undone it already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def _savepoint(db: Connection) -> Iterator[None]:
    db.execute("SAVEPOINT part")
    try:
        yield
        db.execute("RELEASE part")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK TO part")
            db.execute("RELEASE part")
        raise


def connect(uri: str, path: Path | None, *, one_thread: bool = True) -> Connection:
    """A connection to the file of a URI, with nothing verified: for the functions above, and for a new database."""
    db = sqlite3.connect(
        uri, uri=True, timeout=WAIT, isolation_level=None, factory=Connection, cached_statements=256,
        check_same_thread=one_thread,
    )  # fmt: skip
    db.path = path
    db.create_function("crc32", 1, crc32, deterministic=True)  # of seals
    db.set_progress_handler(_let_signals_in, _BETWEEN_LOOKS)
    try:
        forget_temporary(db)
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")  # reads the file, so that an unreadable one shows here
    except UnicodeDecodeError as error:  # in what SQLite says of the schema
        db.close()
        raise damaged(path, "a text in it is not UTF-8") from error
    except BaseException:
        db.close()
        raise
    return db


def _let_signals_in() -> int:
    """Let Python see in the middle of a statement that a signal has come.

    Its handler is called in here. If that raises, SQLite ends the statement and undoes it; the exception is lost, and
    whoever waits for the statement gets an error of which `faults.interrupted` tells.
    """
    return 0


def forget_temporary(db: Connection) -> None:
    """Throw all temporary tables away; call outside of a transaction."""
    db.execute("PRAGMA temp_store = MEMORY")  # changing the place throws them away
    db.execute("PRAGMA temp_store = FILE")
    db.execute(f"PRAGMA temp.cache_size = -{_TEMPORARY_KIB}")


def _refuse_strange_file(path: Path) -> None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        raise Refused(
            f"There is no database at {path}.",
            "Go to the project's folder, or name it with --project. If the database was lost, copy its newest backup"
            " into its place and run `nurture recover`. For a new project, run `nurture init DIR`.",
        ) from None
    except OSError as error:
        raise InputOutput(f"The database {path} cannot be reached: {error.strerror}.", give_back(path)) from error
    if not path.is_file():
        raise Refused(f"{path} is not a file, so it cannot be the database.")
    if seen.st_size == 0:
        raise Refused(
            f"The database {path} is an empty file, not a new project.",
            "Restore a backup in its place; nurture never sends from an empty database.",
        )
    if seen.st_nlink > 1:
        raise Refused(
            f"The database {path} has a second name (a hard link), and two names mean two logs.",
            "Remove the other link, or replace this one with a copy.",
        )


def schema_version(db: Connection, path: Path) -> int:
    """The schema's number, at most ours; refuses a foreign database and a newer one."""
    with translated(path):
        application = db.execute("PRAGMA application_id").fetchone()[0]
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise Refused(f"{path} is a database of another program.", "Name the right file.")
    if version > SCHEMA_VERSION:
        raise Refused(
            f"The database {path} has a newer schema ({version}; this version of nurture knows {SCHEMA_VERSION}).",
            "Install the newer version of nurture that wrote it.",
        )
    return version


def _refuse_strange_schema(db: Connection, path: Path) -> None:
    version = schema_version(db, path)
    if version < SCHEMA_VERSION:
        raise Refused(
            f"The database {path} has an older schema ({version}; this version of nurture needs {SCHEMA_VERSION}).",
            "Run `nurture migrate`: it keeps a verified copy and then brings the database up to date.",
        )
