# ruff: noqa: S608  statements made of constants, in which nothing comes from outside
"""A project folder and a database of many contacts with a past, made with SQL in one go.

Every contact is in one campaign, received ten assets of it and stands at the wait that follows. A share of them woke up
within the last hour: half at the end of the wait, having clicked, half at the end of the time for a click. In a mixed
world one in fifty is suppressed, one in fifty has no consent, one in twenty-five heard from us twelve hours ago; one in
a hundred asked for a demo (a rule moves them on), and one in a hundred is a customer already (the exit holds).
"""

from __future__ import annotations

import json
import shutil
import sqlite3  # noqa: TID251  this stands outside of the program and fills its store from below
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

from benchmarks.measure import NURTURE, REPOSITORY, run
from benchmarks.people import COLUMNS, FIRST_ID, ZONES, rows
from benchmarks.project import OUTBOX, PAUSE, PAUSE_DAYS, REACTION, REACTION_DAYS, RECEIVED, write_project

DAY = 86400
CAMPAIGNS = 4
KEPT_FOR = 10 * DAY  # later, those who sleep would begin to wake up
FAR = 40 * 365 * DAY


@dataclass(frozen=True, slots=True)
class Shape:
    """What kind of world."""

    contacts: int
    due_in_hundred: int = 1
    mixed: bool = True  # with suppressed contacts, some without consent, and so on
    channel: str = OUTBOX


class Made(TypedDict):
    """What is known of a world that was made: the instant at which some are due, its shape, and what made it."""

    at: int
    shape: dict[str, object]
    makers: str


def world(folder: Path, shape: Shape) -> Made:
    """The world in `folder`, made unless there is one of this shape that is young enough.

    It is made by a process of its own, so that its memory is not counted.
    """
    made = _known(folder)
    if made is not None and made["shape"] == asdict(shape) and 0 <= _now() - made["at"] < KEPT_FOR:
        return made
    shutil.rmtree(folder, ignore_errors=True)
    run((sys.executable, "-m", "benchmarks.world", str(folder), json.dumps(asdict(shape))))
    found = _known(folder)
    assert found is not None
    return found


@contextmanager
def asleep(folder: Path, made: Made) -> Iterator[None]:
    """The same world with nothing due, for a while."""
    with stored(folder) as db:
        db.execute("UPDATE enrollment SET wake_at = wake_at + ? WHERE wake_at <= ?", (FAR, made["at"]))
    try:
        yield
    finally:
        with stored(folder) as db:
            db.execute("UPDATE enrollment SET wake_at = wake_at - ? WHERE wake_at > ?", (FAR, made["at"] + FAR // 2))


def _now() -> int:
    return int(time.time())  # noqa: TID251  worlds are made for the present, and grow old


def _makers() -> str:
    """A hash of everything that a stored world depends on: when it changes, worlds are made anew."""
    here, program = Path(__file__).parent, REPOSITORY / "nurture_cli"
    files = [here / "world.py", here / "project.py", here / "people.py", program / "planner" / "world.py"]
    files += sorted((program / "store" / "schema").glob("*.sql"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _known(folder: Path) -> Made | None:
    """What is known of the world in `folder`, if it was made as worlds are made now."""
    try:
        found: Made = json.loads((folder / "world.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.get("makers") == _makers() else None


@contextmanager
def stored(folder: Path, once: str = "WAL") -> Iterator[sqlite3.Connection]:
    """One transaction in the store, with the journal mode `once`; closing brings everything into the one file."""
    db = sqlite3.connect(folder / "nurture.db", isolation_level=None)
    try:
        db.execute(f"PRAGMA journal_mode = {once}").fetchall()
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        db.close()


def make(folder: Path, shape: Shape) -> None:
    """Make the files, and an empty database that one run has seen; then fill it."""
    from nurture_cli.keys import create_key_file, read_keys
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.store.create import create
    from nurture_cli.store.database import open_writer, writing
    from nurture_cli.store.journal import rebuild
    from nurture_cli.store.seals import seal_everything

    write_project(folder, CAMPAIGNS, shape.channel)
    create_key_file(folder)
    create(folder / "nurture.db", _now(), read_keys(folder))
    # The first run meets nobody and remembers the campaigns: whoever comes later is judged by what changes.
    run((*NURTURE, "run", "--project", str(folder)))
    at = _now()
    keys = read_keys(folder)
    # The send journal begins here: of what was sent before, and who left, only the database tells.
    writer = open_writer(folder / "nurture.db")
    rebuild(writer, folder / JOURNAL_FILE)
    writer.close()
    with stored(folder, once="OFF") as db:
        db.execute("PRAGMA cache_size = -1000000")
        db.create_function("address_hash", 1, keys.address_hash, deterministic=True)
        written = "type IN ('index', 'trigger') AND sql IS NOT NULL"
        later = db.execute(f"SELECT type, name, sql FROM sqlite_schema WHERE {written}").fetchall()
        for kind, name, _ in later:
            db.execute(f"DROP {kind} {name}")
        fill(db, shape, at)
        for _, _, sql in later:
            db.execute(sql)
        db.execute(
            "UPDATE instance SET contact_cursor = (SELECT coalesce(max(id), 0) FROM contact), journal_size = ?",
            ((folder / JOURNAL_FILE).stat().st_size,),
        )
    writer = open_writer(folder / "nurture.db")
    with writing(writer):
        seal_everything(writer)  # as the runs would have done by now
    writer.close()
    made = Made(at=at, shape=asdict(shape), makers=_makers())
    (folder / "world.json").write_text(json.dumps(made), encoding="utf-8")


# Numbers that look like chance and are the same everywhere.
_PERSON = f"""
CREATE TEMP TABLE person AS
SELECT id, name, woken, reacts, wake, wake - 7200 - iif(reacts, {REACTION_DAYS}, {PAUSE_DAYS}) * {DAY} AS anchor,
       wake - 7200 - iif(reacts, {REACTION_DAYS + PAUSE_DAYS}, {PAUSE_DAYS}) * {DAY} AS tenth,
       NOT reacts AND (woken OR (id * 40692 % 65521) % 10 < 3) AS clicked
FROM (SELECT id, name, woken, woken AND (id * 16807 % 65539) % 2 AS reacts,
             iif(woken, :at - id * 69621 % 3600, :at + {20 * DAY} + id * 69621 % {30 * DAY}) AS wake
      FROM (SELECT id, printf('track-%02d', id % {CAMPAIGNS} + 1) AS name,
                   (id * 48271 % 65537) % 100 < :due_in_hundred AS woken FROM contact))
"""
_ENROLLMENTS = f"""
INSERT INTO enrollment (id, contact_id, campaign, pass, entered_at, state, sequence, step, hop, arrived_at, anchor_at,
                        due_at, wake_at)
SELECT id, id, name, 1, tenth - {30 * DAY}, 'waiting', 'awareness', iif(reacts, '{REACTION.id}', '{PAUSE.id}'),
       iif(reacts, {REACTION.hop}, {PAUSE.hop}), anchor, anchor, wake, wake
FROM person ORDER BY id
"""
_DECISIONS = f"""
INSERT INTO decision (enrollment_id, hop, kind, step, outcome, campaign_hash, at)
SELECT id, 0, 'entered', '', '1', printf('%064x', id % 4), tenth - {30 * DAY} FROM person ORDER BY id
"""
_TOUCHES = f"""
INSERT INTO touch (key, contact_id, enrollment_id, campaign, step, hop, asset, family, once_scope, channel,
                   reaches_contact, state, counted, reason, at, due_at, attempts, message_id, campaign_hash, asset_hash,
                   body_hash, run_id, digest)
SELECT name || '/1/' || id || '/' || (2 * :k - 1), id, id, name, 'awareness/' || asset, 2 * :k - 1, asset, asset,
       '*', 'mail', 1, 'sent', 1, 'its turn in ' || name, at, at, 1, printf('%02d%030x@measured.internal', :k, id),
       printf('%064x', id % 4), printf('%064x', :k), printf('%064x', id), :k, id
FROM (SELECT id, name, printf('%s-%02d', name, :k) AS asset,
             iif(:mixed AND :k = {RECEIVED} AND id % 25 = 3, :at - 43200, tenth - ({RECEIVED} - :k) * {3 * DAY}) AS at
      FROM person ORDER BY name, id)
"""
_EVENT = "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key) "
_EVENTS = (
    f"{_EVENT}SELECT id, 'downloaded', name || '-01', tenth - {30 * DAY}, :at, 'form', 'd/' || id FROM person",
    f"{_EVENT}SELECT id, 'clicked', name || '-10', tenth + {DAY}, :at, 'link', 'k/' || id FROM person WHERE clicked",
    f"{_EVENT}SELECT id, 'requested_demo', '', :at - {DAY}, :at, 'form', 'r/' || id FROM person"
    " WHERE :mixed AND id % 100 = 13",
)
_SUPPRESSIONS = """
INSERT INTO suppression (address_hash, reason, source, at, witnessed)
SELECT address_hash, 'unsubscribed', 'link', :at, 1 FROM contact WHERE :mixed AND id % 50 = 7
"""


_STANDINGS = """
INSERT INTO standing (contact_id, fit, fit_why, heat, responses, company, weight)
SELECT id, 0, '[]', 10.0, 1, lower(company), 1.0 FROM contact ORDER BY id
"""


def fill(db: sqlite3.Connection, shape: Shape, at: int) -> None:
    """Write contacts, enrollments, decisions, touches, events and suppressions."""
    given = {"at": at, "mixed": int(shape.mixed), "due_in_hundred": shape.due_in_hundred}
    fill_contacts(db, shape, at)
    db.execute(_PERSON, given)
    for statement in (_ENROLLMENTS, _DECISIONS, *_EVENTS, _SUPPRESSIONS, _STANDINGS):
        db.execute(statement, given)
    for received in range(1, RECEIVED + 1):
        db.execute(_TOUCHES, {**given, "k": received})


def fill_contacts(db: sqlite3.Connection, shape: Shape, at: int) -> None:
    """Write contacts alone."""
    db.executemany(
        f"INSERT INTO contact (id, {', '.join(COLUMNS)}, address_hash, stage, stage_at, zone, consent, consent_basis,"
        f" consent_source, consent_at, fields, created_at, updated_at) VALUES (?{', ?' * len(COLUMNS)},"
        " address_hash(?2), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _contacts(shape, at),
    )


def _contacts(shape: Shape, at: int) -> Iterator[tuple[object, ...]]:
    long_ago = at - 200 * DAY
    for number, row in enumerate(rows(shape.contacts), FIRST_ID):
        stage = "customer" if shape.mixed and number % 100 == 17 else "awareness"
        agreed = ("express", "form at the fair", "fair 2026", long_ago)
        consent = ("unknown", None, None, None) if shape.mixed and number % 50 == 11 else agreed
        fields = f'{{"employees": {number % 5000}, "industry": "food"}}'
        yield (number, *row, stage, long_ago, ZONES[number % len(ZONES)], *consent, fields, long_ago, long_ago)


if __name__ == "__main__":
    make(Path(sys.argv[1]), Shape(**json.loads(sys.argv[2])))
