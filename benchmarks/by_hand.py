"""What the program is measured against: the same decisions as one hand-written statement, and plain loops.

Each is a process of its own: `python -m benchmarks.by_hand plan|load|send …`. They know the campaigns by heart, keep no
promise about crashes but the commit, and explain nothing.
"""

from __future__ import annotations

import sqlite3  # noqa: TID251  the point of this module
import sys
from collections.abc import Callable

# The whole decision for the campaigns of `project.py` over the tables of the program: who woke up, about whom something
# changed, who asked for something; what each gets next, unless they left, received it, or something holds it back.
_PLAN = """
WITH looked AS MATERIALIZED (
  SELECT id FROM enrollment WHERE wake_at <= :now AND ended_at IS NULL
  UNION
  SELECT id FROM enrollment WHERE ended_at IS NULL AND contact_id IN (SELECT contact_id FROM change)
), woken AS MATERIALIZED (
  SELECT e.contact_id AS id, e.id AS enrollment, e.hop, e.campaign, e.wake_at, e.step, c.email, c.address_hash,
         c.consent, c.consent_basis, c.consent_source, c.consent_until,
         EXISTS (SELECT 1 FROM event v WHERE v.contact_id = c.id AND v.kind = 'clicked'
                 AND v.asset = e.campaign || '-10' AND v.machine = 0 AND v.at <= :now) AS clicked
  FROM looked l CROSS JOIN enrollment e ON e.id = l.id CROSS JOIN contact c ON c.id = e.contact_id
  WHERE c.stage NOT IN ('lead', 'opportunity', 'customer')
    AND NOT EXISTS (SELECT 1 FROM event v WHERE v.contact_id = c.id AND v.kind = 'requested_demo' AND v.machine = 0
                    AND v.at <= :now)
), next AS (
  SELECT id, enrollment, hop, campaign, wake_at, email, address_hash, consent, consent_basis, consent_source,
         consent_until, campaign || iif(clicked, '-11', '-12') AS asset
  FROM woken
  WHERE iif(step = 'awareness/reaction', clicked OR wake_at <= :now, clicked AND wake_at <= :now)
  UNION ALL
  SELECT c.id, NULL, 0, NULL, r.requested_at, c.email, c.address_hash, c.consent, c.consent_basis, c.consent_source,
         c.consent_until, r.asset
  FROM request r JOIN contact c ON c.id = r.contact_id WHERE r.state = 'open' AND r.wake_at <= :now
), judged AS MATERIALIZED (
  SELECT n.id, n.email, n.campaign, n.asset, n.wake_at, CASE
    WHEN EXISTS (SELECT 1 FROM touch t WHERE t.contact_id = n.id AND t.family = n.asset
                 AND t.counted = 1 AND t.state = 'sent') THEN 'received'
    WHEN o.state IN ('claimed', 'committing', 'unknown')
      OR EXISTS (SELECT 1 FROM touch t WHERE t.contact_id = n.id AND t.family = n.asset
                 AND t.counted = 1)
      OR EXISTS (SELECT 1 FROM touch t WHERE t.contact_id = n.id AND t.family = n.asset
                 AND t.state IN ('planned', 'failed') AND t.body_hash IS NOT NULL AND t.at > :now - 3 * 86400)
      THEN 'in-doubt'
    WHEN o.state = 'failed' THEN 'failed'
    WHEN EXISTS (SELECT 1 FROM suppression s WHERE s.address_hash = n.address_hash AND s.lifted_at IS NULL)
      THEN 'suppressed'
    WHEN consent NOT IN ('express', 'implied') OR consent_basis IS NULL OR consent_source IS NULL THEN 'no-consent'
    WHEN consent_until <= :now THEN 'consent-ended'
    WHEN o.state = 'planned' AND o.next_try_at > :now THEN 'deferred'
    WHEN EXISTS (SELECT 1 FROM touch t WHERE t.contact_id = n.id AND t.at > :now - 2 * 86400
                 AND t.campaign = n.campaign AND t.reaches_contact = 1
                 AND t.counted = 1) THEN 'gap'
    WHEN EXISTS (SELECT 1 FROM touch t WHERE t.contact_id = n.id AND t.reaches_contact = 1 AND t.at > :now - 86400
                 AND t.counted = 1) THEN 'cap'
    WHEN (SELECT count(*) FROM touch t WHERE t.contact_id = n.id AND t.reaches_contact = 1 AND t.at > :now - 7 * 86400
          AND t.counted = 1) >= 3 THEN 'cap'
  END AS held
  FROM next n LEFT JOIN touch o ON o.enrollment_id = n.enrollment AND o.hop > n.hop
), turns AS (
  SELECT *, row_number() OVER (PARTITION BY id, held IS NULL ORDER BY campaign IS NULL DESC, campaign DESC, wake_at)
            AS turn
  FROM judged
)
SELECT coalesce(held, iif(turn > 1, 'turn', '')), email, campaign, asset, wake_at FROM turns
ORDER BY campaign IS NULL DESC, campaign DESC, wake_at, id
"""


def plan(database: str, at: str) -> None:
    """Print who is due and who is held, as JSON lines."""
    import json

    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    db.execute("PRAGMA cache_size = -64000")
    write = sys.stdout.write
    for held, email, campaign, asset, since in db.execute(_PLAN, {"now": int(at)}):
        write(
            json.dumps(
                {
                    "type": "held" if held else "due", "email": email, "campaign": campaign, "asset": asset,
                    "reason": held, "due_at": since,
                }
            )
            + "\n"
        )  # fmt: skip


def load(file: str, database: str) -> None:
    """Read a CSV file of contacts into a table with one unique column, in one durable transaction."""
    import csv

    from benchmarks.people import COLUMNS

    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    columns = ", ".join(f"{name} TEXT" for name in COLUMNS[1:])
    db.execute(f"CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, {columns})")
    with open(file, newline="", encoding="utf-8") as lines:  # noqa: PTH123  pathlib takes its time to import
        read = csv.reader(lines)
        next(read)
        db.execute("BEGIN IMMEDIATE")
        slots = ", ".join("?" * len(COLUMNS))
        db.executemany(f"INSERT INTO contact ({', '.join(COLUMNS)}) VALUES ({slots})", read)  # noqa: S608
        db.execute("COMMIT")
    db.close()


def send(database: str, port: str, count: str) -> None:
    """Deliver `count` ready-made mails on one connection, with one durable commit for each."""
    import socket

    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE sent (id INTEGER PRIMARY KEY, email TEXT NOT NULL, at INTEGER NOT NULL)")
    body = "\r\n".join(["A line of a mail that is about as long as lines of mails are."] * 60)
    with socket.create_connection(("127.0.0.1", int(port))) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = line.makefile("rb")

        def ask(words: str) -> None:
            line.sendall(words.encode() + b"\r\n")
            while (answer := answers.readline())[3:4] == b"-":
                pass
            assert answer[:1] in b"23", answer

        answers.readline()
        ask("EHLO by-hand.example")
        for number in range(int(count)):
            ask("MAIL FROM:<mara.feld@news.measured.internal>")
            ask(f"RCPT TO:<c{number}@firm.example>")
            ask("DATA")
            head = f"From: mara.feld@news.measured.internal\r\nTo: c{number}@firm.example\r\nMessage-ID: <{number}@h>"
            ask(f"{head}\r\nSubject: Who closes the door\r\n\r\n{body}\r\n.")
            db.execute("INSERT INTO sent (email, at) VALUES (?, ?)", (f"c{number}@firm.example", number))
        ask("QUIT")
    db.close()


def start() -> None:
    """Do nothing: what Python itself takes to begin and to end."""


_WAYS: dict[str, Callable[..., None]] = {"plan": plan, "load": load, "send": send, "start": start}

if __name__ == "__main__":
    _WAYS[sys.argv[1]](*sys.argv[2:])
