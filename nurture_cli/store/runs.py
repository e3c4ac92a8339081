"""The records of runs and imports: reading and writing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nurture_cli.store.queries import queries

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

_SQL = queries("runs")
_END = 2**62  # after every run


@dataclass(frozen=True, slots=True)
class Run:
    """One run and what came of it; `ended_at` is None while it is on, or when it was killed."""

    id: int
    started_at: int
    ended_at: int | None
    due: int
    sent: int
    failed: int
    deferred: int
    unknown: int
    held: int
    ended: str | None
    code: int | None = None  # None also for runs from before it was recorded
    blocked: bool = False  # whether something kept it from doing what was due
    times: int = 1  # how many blocked runs in a row did nothing; `ended` and `ended_at` are of the last of them


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import that changed something; `kind` is contacts or events."""

    id: int
    at: int
    kind: str
    file: str
    file_hash: str
    counts: Mapping[str, int]


def last_runs(db: Connection, most: int) -> list[Run]:
    """The newest runs, newest first."""
    return [replace(Run(*row), blocked=bool(row[11])) for row in db.execute(_SQL["last"], (most,))]


def last_imports(db: Connection, most: int) -> list[ImportRecord]:
    """The newest imports that changed something, newest first."""
    return [
        ImportRecord(id, at, kind, file, file_hash, json.loads(counts))
        for id, at, kind, file, file_hash, counts in db.execute(_SQL["last_imports"], (most,))
    ]


def record_import(db: Connection, *, at: int, kind: str, file: str, file_hash: str, counts: Mapping[str, int]) -> None:
    """Record an import that changed something, inside `writing`."""
    row = {"at": at, "kind": kind, "file": file, "file_hash": file_hash, "counts": json.dumps(dict(counts))}
    db.execute(_SQL["record_import"], row)


def begin_run(db: Connection, *, at: int, due: int, held: int, departures: str | None = None) -> int:
    """Record, inside `writing`, that a run with something to send begins; returns its id.

    `departures` is the name of its notes, see `store/departures.py`.
    """
    row = {"at": at, "due": due, "held": held, "departures": departures}
    run_id: int = db.execute(_SQL["begin"], row).fetchone()[0]
    return run_id


def runs_with_notes(db: Connection) -> dict[int, str]:
    """The runs that did not end, with the names of their notes."""
    return dict(db.execute(_SQL["departures"]))


def forget_notes(db: Connection, run_ids: Iterable[int]) -> None:
    """Forget, inside `writing`, the notes of runs whose touches are all settled."""
    db.executemany(_SQL["forget_departures"], [(run_id,) for run_id in run_ids])


def doubt_notes(db: Connection) -> None:
    """Trust no notes of earlier runs, inside `writing`: perhaps another copy of this database goes on from them."""
    db.execute(_SQL["doubt_departures"])


def finish_run(
    db: Connection, run_id: int, *, at: int, sent: int, failed: int, deferred: int, unknown: int, ended: str,
    code: int = 0, blocked: bool = False,
) -> None:  # fmt: skip
    """Record, inside `writing`, what a run came to; `ended` says in words how it ended."""
    row = {"id": run_id, "at": at, "sent": sent, "failed": failed, "deferred": deferred, "unknown": unknown}
    db.execute(_SQL["finish"], row | {"ended": ended, "code": code, "blocked": blocked})


def record_blocked(db: Connection, *, at: int, due: int, ended: str, code: int, run_id: int | None = None) -> None:
    """Record, inside `writing`, a run that was kept from claiming anything; further ones in a row are only counted.

    `run_id` is the id of a run that had begun. A run with nothing due keeps what the last one had due, see
    `blocked_with_due`.
    """
    row = {"at": at, "due": due or _still_due(db), "ended": ended, "code": code, "before": run_id or _END}
    repeated = db.execute(_SQL["repeat"], row).rowcount == 1
    if run_id is None and not repeated:
        db.execute(_SQL["record_whole"], row | {"blocked": True})
    elif run_id is not None and repeated:
        db.execute(_SQL["forget"], (run_id,))
    elif run_id is not None:
        finish_run(db, run_id, at=at, sent=0, failed=0, deferred=0, unknown=0, ended=ended, code=code, blocked=True)


def record_unblocked(db: Connection, at: int) -> None:
    """Record, inside `writing`, that a run went through, if the last one was blocked."""
    if db.execute(_SQL["blocked"]).fetchone() is not None:
        db.execute(_SQL["record_whole"], {"at": at, "due": 0, "ended": "done", "code": 0, "blocked": False})


def blocked_with_due(db: Connection) -> bool:
    """Whether the last run that ended was kept from sending something that was due."""
    return _still_due(db) > 0


def _still_due(db: Connection) -> int:
    row = db.execute(_SQL["blocked"]).fetchone()
    return 0 if row is None else int(row[0])


def pass_over_runs(db: Connection, id: int, at: int) -> None:
    """Let later runs have numbers above `id`, inside `writing`: the ones up to it belong to runs that are forgotten."""
    db.execute(_SQL["pass_over"], {"id": id, "at": at})


def biggest_run(db: Connection) -> int | None:
    """The most touches that were due in one of the last twenty runs with any; None when no run had any.

    How many of them it sent, and whether it was stopped or killed, does not matter: the next run goes on.
    """
    biggest: int | None = db.execute(_SQL["biggest"]).fetchone()[0]
    return biggest


def record_last_run(db: Connection, at: int) -> None:
    """Record, inside `writing`, the time of the last run."""
    db.execute(_SQL["record_last"], {"at": at})
