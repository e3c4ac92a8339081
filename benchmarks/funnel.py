# ruff: noqa: S608  statements made of constants, in which nothing comes from outside
"""Stages and scores of a long list: what new responses cost, and what an edited criterion costs."""

from __future__ import annotations

import json
import shutil
import sys
import time
from hashlib import sha256
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, REPOSITORY, Line, Several, megabytes, run, shown, table
from benchmarks.world import DAY, Shape, fill_contacts, stored

EVENTS = 10  # of each contact, in the last half year
IDLE = 0.3  # seconds of a run in which nobody did anything
JUDGED = 10  # seconds in which everybody is judged anew
NEW = 1_000  # contacts who respond between two runs
CONFIG = """\
project: Measured
zone: Europe/Berlin
sender:
  name: Nora
  address: nora@measured.internal
  postal_address: 1 Main Street
  unsubscribe: {{mailto: leave@measured.internal}}
limits: {{guard: 10000000}}
fields: {{employees: number, industry: text}}
stages:
  - awareness
  - {{stage: engaged, when: interest >= 20}}
  - {{stage: target, kind: gate, when: fit >= 40}}
  - {{stage: middle, when: interest >= {middle}}}
  - {{stage: lead, when: 'grade in ["A1", "B1"] and did("requested_demo")'}}
  - {{stage: customer, when: did("purchased")}}
fit:
  - {{if: 'role in ["buyer", "decision-maker"]', points: 40}}
  - {{if: employees >= 1000, points: 30}}
channels: {{mail: {{type: outbox}}}}
"""
_KINDS = "CASE (c.id + :k * 7) % 10 WHEN 0 THEN 'downloaded' WHEN 1 THEN 'replied' WHEN 2 THEN 'clicked'"
_EVENTS = f"""
INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)
SELECT c.id, {_KINDS} WHEN 3 THEN 'clicked' ELSE 'visited' END, '',
       :at - (c.id * 69621 + :k * 1299709) % {180 * DAY}, :at, 'site', :k || '/' || c.id
FROM contact c
"""
_NEW = """
INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)
SELECT c.id, 'replied', '', :at, :at, 'site', 'new/' || :at || '/' || c.id
FROM contact c WHERE c.id % (SELECT max(1, count(*) / :new) FROM contact) = :at % 7
"""


def measure(bench: Bench) -> bool:
    """Time runs over a list whose scores are known: nothing new, something new, and an edited criterion."""
    folder = _world(bench)
    nurture = (*NURTURE, "run", "--project", str(folder))
    idle = Several(tuple(run(nurture) for _ in range(bench.times(7))))
    few, judged = [], []
    for turn in range(3):
        _write(folder, 40)
        run(nurture)
        _respond(folder, turn)
        few.append(run(nurture))
        _write(folder, 30)
        judged.append(run(nurture))
    new, anew = Several(tuple(few)), Several(tuple(judged))
    return table(
        f"funnel: {bench.contacts:,} contacts, {EVENTS} responses each",
        [
            Line("run, nothing new", shown(idle.seconds), idle.spread, f"below {shown(IDLE)}",
                 bench.kept(idle.seconds < IDLE)),
            Line(f"run, {NEW:,} contacts responded", shown(new.seconds), new.spread),
            Line("run, a criterion was edited", shown(anew.seconds), anew.spread, f"below {shown(JUDGED)}",
                 bench.kept(anew.seconds < JUDGED)),
            Line("  peak memory", megabytes(anew.rss)),
        ],
    )  # fmt: skip


def _write(folder: Path, middle: int) -> None:
    (folder / "nurture.yml").write_text(CONFIG.format(middle=middle), encoding="utf-8")


def _respond(folder: Path, turn: int) -> None:
    with stored(folder) as db:
        db.execute(_NEW, {"at": int(time.time()) - 60 + turn, "new": NEW})  # noqa: TID251  the present of the world


def _world(bench: Bench) -> Path:
    """The list with everybody judged once; kept for the next time."""
    folder = bench.folder / f"funnel-{bench.contacts}"
    makers = [Path(__file__), Path(__file__).with_name("world.py"), Path(__file__).with_name("people.py")]
    makers += sorted((REPOSITORY / "nurture_cli" / "store" / "schema").glob("*.sql"))
    mark = sha256(b"".join(file.read_bytes() for file in makers)).hexdigest()
    known = folder / "world.json"
    if not known.exists() or known.read_text("utf-8") != mark:
        shutil.rmtree(folder, ignore_errors=True)
        run((sys.executable, "-m", "benchmarks.funnel", str(folder), json.dumps(bench.contacts)))
        run((*NURTURE, "run", "--project", str(folder)))
        known.write_text(mark, encoding="utf-8")
    return folder


def make(folder: Path, contacts: int) -> None:
    """Contacts and their responses, in a project without campaigns."""
    from nurture_cli.keys import create_key_file, read_keys
    from nurture_cli.store.create import create

    at = int(time.time())  # noqa: TID251  worlds are made for the present
    (folder / "campaigns").mkdir(parents=True)
    (folder / "templates").mkdir()
    _write(folder, 40)
    create_key_file(folder)
    create(folder / "nurture.db", at, read_keys(folder))
    with stored(folder, once="OFF") as db:
        db.execute("PRAGMA cache_size = -1000000")
        db.create_function("address_hash", 1, read_keys(folder).address_hash, deterministic=True)
        written = "type IN ('index', 'trigger') AND sql IS NOT NULL"
        later = db.execute(f"SELECT type, name, sql FROM sqlite_schema WHERE {written}").fetchall()
        for kind, name, _ in later:
            db.execute(f"DROP {kind} {name}")
        fill_contacts(db, Shape(contacts, mixed=False), at)
        for number in range(EVENTS):
            db.execute(_EVENTS, {"at": at - 3600, "k": number})
        for _, _, sql in later:
            db.execute(sql)


if __name__ == "__main__":
    make(Path(sys.argv[1]), json.loads(sys.argv[2]))
