"""A small project whose campaign is the docstring of the test, with contacts who do things and days that pass."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path

from nurture_cli.explain.explanation import Explanation, explain
from nurture_cli.planner.plan import Plan, Planner
from nurture_cli.runner.apply import apply_plan, needs_applying
from nurture_cli.runner.rehearse import count_as_sent
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from nurture_cli.timing import parse_instant
from tests.projects import ProjectFolder

MONDAY = parse_instant("2026-03-02 09:00", "Europe/Berlin")
HOUR, DAY = 3600, 86400

CONFIG = """\
project: nursery
zone: Europe/Berlin
sender:
  name: Nora
  address: nora@nursery.example
  postal_address: 1 Garden Lane, 10115 Berlin
  unsubscribe: {mailto: leave@nursery.example}
stages: [early, middle, late, customer]
fields: {employees: number, renewal: date, beta: boolean}
limits: {per_contact: ["10 per day"]}
channels:
  mail: {type: outbox}
"""


class Nursery(ProjectFolder):
    """The project, its database, and the clock in days and hours after Monday, 2 March 2026, 09:00 in Berlin."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.db: Connection = scratch(MONDAY - 365 * DAY)
        self.at = MONDAY
        self._happened = 0
        self._planner: Planner | None = None
        self.write("nurture.yml", CONFIG)
        for name in "abcdef":
            self.write_asset(name)

    def campaign(self, name: str, text: str, **keys: str) -> None:
        """Write a campaign; unless the text says otherwise everybody who downloaded something enters."""
        body = textwrap.dedent(text).strip()
        head = [f"campaign: {name}", f"title: {name}"]
        defaults = {"enter": '{when: did("downloaded"), backfill: true}'} | keys
        present = {line.split(":")[0] for line in body.splitlines()}
        head += [f"{key}: {value}" for key, value in defaults.items() if key not in present]
        self.write(f"campaigns/{name}.yml", "\n".join([*head, body, ""]))

    def contact(self, name: str, **facts: object) -> None:
        """A new contact `name@people.example` with consent, in the first stage unless told otherwise."""
        row: dict[str, object] = {
            "email": f"{name}@people.example", "address_hash": name.encode().ljust(16)[:16], "stage": "early",
            "stage_at": self.at, "consent": "express", "consent_basis": "form", "consent_source": "site",
            "created_at": self.at, "updated_at": self.at,
        }  # fmt: skip
        row |= {key: json.dumps(value) if key == "fields" else value for key, value in facts.items()}
        marks = ", ".join("?" for _ in row)
        self.db.execute(f"INSERT INTO contact ({', '.join(row)}) VALUES ({marks})", list(row.values()))

    def id_of(self, name: str) -> int:
        """The id of a contact."""
        address = f"{name}@people.example"
        found: int = self.db.execute("SELECT id FROM contact WHERE email = ?", (address,)).fetchone()[0]
        return found

    def did(
        self, name: str, kind: str = "downloaded", asset: str = "", *, ago: int = 60, machine: bool = False
    ) -> None:
        """Somebody did something a minute, or `ago` seconds, before now."""
        self._happened += 1
        self.db.execute(
            "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key, machine)"
            " VALUES (?,?,?,?,?,'test',?,?)",
            (self.id_of(name), kind, asset, self.at - ago, self.at, str(self._happened), machine),
        )

    def change(self, name: str, **facts: object) -> None:
        """A human changes facts of a contact."""
        settings = ", ".join(f"{key} = ?" for key in facts)
        self.db.execute(f"UPDATE contact SET {settings} WHERE id = ?", [*facts.values(), self.id_of(name)])

    def plan(self) -> Plan:
        """The plan at this instant, by one planner for as long as the files stay the same."""
        project = self.project
        if self._planner is None or self._planner.project.hash != project.hash:
            self._planner = Planner(project, self.db)
        return self._planner.plan(self.at)

    def run(self) -> list[str]:
        """Apply the plan and send what is due: `name asset` each, in order."""
        plan = self.plan()
        if needs_applying(plan):
            apply_plan(plan)
        count_as_sent(plan)
        return [f"{due.email.split('@')[0]} {due.asset}" for due in plan.due()]

    def held(self) -> list[str]:
        """Who is held, and why: `name asset reason` each."""
        return [f"{held.email.split('@')[0]} {held.asset} {held.reason}" for held in self.plan().held()]

    def pass_time(self, *, days: int = 0, hours: int = 0) -> None:
        """Let time pass, without a run."""
        self.at += days * DAY + hours * HOUR

    def days(self, count: int) -> list[tuple[int, str]]:
        """Run once a day: (day after Monday, `name asset`) of everything sent, beginning with today."""
        sent = []
        for _ in range(count):
            sent += [((self.at - MONDAY) // DAY, touch) for touch in self.run()]
            self.pass_time(days=1)
        return sent

    def explain(self, name: str) -> Explanation:
        """What `explain` says of a contact."""
        return explain(self.project, self.db, self.at, self.id_of(name))


def nursery_of(test: Callable[..., object], folder: Path) -> Nursery:
    """A nursery whose campaign `c` is the docstring's part behind its first paragraph, if there is one."""
    nursery = Nursery(folder)
    _, _, text = (inspect.getdoc(test) or "").partition("\n\n")
    if text:
        nursery.campaign("c", text)
    return nursery
