"""A world that sends nothing goes the same way as one that sends: the worked example, played through and run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nurture_cli.cli.new_project import example, make_project
from nurture_cli.clock import FixedClock
from nurture_cli.inbound.contacts import ContactOptions, import_contacts
from nurture_cli.inbound.events import EventOptions, import_events
from nurture_cli.keys import read_keys
from nurture_cli.planner.plan import Planner
from nurture_cli.project import Project, load_project
from nurture_cli.runner.rehearse import rehearse
from nurture_cli.runner.run import run
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection, open_writer
from nurture_cli.store.ledger import damaged
from nurture_cli.timing import parse_instant

BEGIN = 1772436600  # Monday, 2 March 2026, 08:30 in Berlin
DAY = 86400
DAYS = 45

# Whatever a run decides and writes down, but for what only delivery makes: Message-IDs, hashes of bodies, replies.
SEEN = {
    "touch": (
        "key, contact_id, enrollment_id, request_id, handoff_id, campaign, step, hop, asset, family, once_scope,"
        " channel, reaches_contact, stream, state, counted, reason, at, due_at, attempts, campaign_hash, asset_hash"
    ),
    "enrollment": "*",
    "request": "*",
    "handoff": "*",
    "contact": "id, stage, stage_at, furthest_stage, fields",
    "decision": "*",
    "bookmark": "*",
    "stage_move": "*",
    "alert": "*",
    "standing": "*",
}


def seen(db: Connection) -> dict[str, list[Any]]:
    return {
        table: sorted(db.execute(f"SELECT {columns} FROM main.{table}").fetchall(), key=repr)
        for table, columns in SEEN.items()
    }


class Past:
    """The events of the example, which become known as their time comes."""

    def __init__(self, root: Path) -> None:
        with (root / "events.csv").open(encoding="utf-8", newline="") as file:
            self._rows = list(csv.DictReader(file))
        self._part = root / "part.csv"

    def tell(self, databases: Sequence[Connection], project: Project, at: int) -> None:
        arrived = [row for row in self._rows if parse_instant(row["at"], "Europe/Berlin") <= at]
        self._rows = [row for row in self._rows if row not in arrived]
        if not arrived:
            return
        with self._part.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, arrived[0].keys())
            rows.writeheader()
            rows.writerows(arrived)
        assert project.config is not None
        for db in databases:
            import_events(db, read_keys(project.root), project.config, self._part, EventOptions(), now=at)


@pytest.mark.slow
def test_a_rehearsed_world_stands_where_one_stands_that_has_sent(tmp_path: Path) -> None:
    root = tmp_path / "example"
    make_project(root, example(), now=BEGIN - DAY)
    project = load_project(root)
    assert project.config is not None
    real, imagined = open_writer(root / "nurture.db"), scratch(BEGIN - DAY)
    for db in (real, imagined):
        people = root / "contacts.csv"
        import_contacts(db, read_keys(root), project.config, people, ContactOptions(), now=BEGIN)
    planner, past = Planner(project, imagined), Past(root)

    sent = 0
    for day in range(DAYS):
        at = BEGIN + day * DAY + (day % 5) * 3600
        past.tell((real, imagined), project, at)
        report = run(project, root / "nurture.db", FixedClock(at))
        plan = rehearse(planner, at)
        assert plan.counts.due == report.planned.due
        sent += report.done.sent
        if day % 15 == 14:
            assert seen(imagined) == seen(real)

    assert sent > 40
    assert list(damaged(imagined)) == []
    for db in (real, imagined):
        db.close()
