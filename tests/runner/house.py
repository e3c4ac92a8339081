"""A small project on disk with a database, contacts who are all due, and a sink for their mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nurture_cli.clock import FixedClock
from nurture_cli.keys import read_keys
from nurture_cli.runner.run import Orders, Report, run
from nurture_cli.store.database import Connection, open_reader, open_writer, writing
from tests.projects import ProjectFolder, make_database

# Tuesday, 3 March 2026, 10:00 in Berlin.
AT = 1772528400
HOUR, DAY = 3600, 86400

CONFIG = """\
project: house
zone: Europe/Berlin
sender:
  name: Nora
  address: nora@house.internal
  postal_address: 1 Garden Lane, 10115 Berlin
  unsubscribe: {{mailto: leave@house.internal}}
stages: [early, customer]
limits: {{per_contact: ["10 per day"], guard: 100000, stop_after: {stop_after}}}
channels:
  mail: {mail}
  hook: {{type: webhook, url: "http://127.0.0.1:{hook}/"}}
  files: {{type: outbox, folder: files}}
"""

CAMPAIGN = """\
campaign: c
title: C
enter: {{when: did("downloaded"), backfill: true}}
on_unknown: {on_unknown}
stages:
  early:
{steps}
"""


class House(ProjectFolder):
    """The project at `folder`; contacts have the ids 1, 2, 3, … and addresses `c<id>@people.example`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.database = folder / "nurture.db"

    def build(
        self,
        port: int,
        *,
        contacts: int = 6,
        steps: tuple[str, ...] = ("send: a",),
        connections: int = 1,
        stop_after: int = 3,
        on_unknown: str = "hold",
        mail: str | None = None,
        hook: int = 9,
    ) -> House:
        """Write the files and make the database."""
        smtp = f"{{type: smtp, host: 127.0.0.1, port: {port}, tls: 'off', connections: {connections}, timeout: 10}}"
        self.write("nurture.yml", CONFIG.format(mail=mail or smtp, stop_after=stop_after, hook=hook))
        self.write_campaign(steps, on_unknown)
        for name in "abc":
            self.write_asset(name)
        make_database(self.folder, AT - 30 * DAY)
        with self.opened() as db, writing(db):
            for number in range(1, contacts + 1):
                self.add_contact(db, number)
        return self

    def write_campaign(self, steps: tuple[str, ...], on_unknown: str = "hold") -> None:
        """Write the one campaign."""
        lines = "\n".join(f"    - {step}" for step in steps)
        self.write("campaigns/c.yml", CAMPAIGN.format(steps=lines, on_unknown=on_unknown))

    def add_contact(self, db: Connection, number: int) -> None:
        """A contact with consent who has downloaded something."""
        email = f"c{number}@people.example"
        row = {"id": number, "email": email, "hash": read_keys(self.folder).address_hash(email), "at": AT - DAY}
        db.execute(
            "INSERT INTO contact (id, email, address_hash, first_name, stage, stage_at, consent, consent_basis,"
            " consent_source, created_at, updated_at)"
            " VALUES (:id, :email, :hash, 'Ann', 'early', :at, 'express', 'form', 'site', :at, :at)",
            row,
        )
        db.execute(
            "INSERT INTO event (contact_id, kind, at, recorded_at, source, key)"
            " VALUES (:id, 'downloaded', :at, :at, 't', :email)",
            row,
        )

    def opened(self) -> _Opened:
        """A writing connection that is closed when the block ends."""
        return _Opened(self.database)

    def run(self, at: int = AT, **orders: Any) -> Report:
        """One run in this process, with time standing still."""
        return run(self.project, self.database, FixedClock(at), Orders(**orders))

    def ask(self, sql: str, *bound: object) -> list[Any]:
        """Rows of the database; a single column comes as plain values."""
        db = open_reader(self.database)
        try:
            rows = db.execute(sql, bound).fetchall()
        finally:
            db.close()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    def states(self) -> dict[int, str]:
        """The state of the touch of each contact that has one."""
        return dict(self.ask("SELECT contact_id, state FROM touch ORDER BY contact_id"))

    def written_to(self, message_ids: Iterable[str]) -> Counter[int]:
        """How often each contact was written to with these messages."""
        whose = dict(self.ask("SELECT message_id, contact_id FROM touch"))
        return Counter(whose[id] for id in message_ids)


class _Opened:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Connection:
        self._db = open_writer(self._path)
        return self._db

    def __exit__(self, *exception: object) -> None:
        self._db.close()
