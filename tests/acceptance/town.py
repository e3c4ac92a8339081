"""A project in which everything meets: four campaigns with shared assets, a funnel, contacts who act, edited files."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from nurture_cli.errors import OutOfPlace
from nurture_cli.project import Project
from nurture_cli.records import Contact
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.store import sales, suppressions
from nurture_cli.store.contacts import (
    add_contact,
    add_tag,
    find_contact,
    remove_tag,
    set_consent,
    set_fields,
    set_stage,
)
from nurture_cli.store.database import Connection, open_reader, open_writer, writing
from nurture_cli.store.events import add_event
from tests.projects import ProjectFolder, make_database

# Tuesday, 3 March 2026, 10:00 in Berlin.
START = 1772528400
HOUR, DAY = 3600, 86400

CONFIG = """\
project: town
zone: Europe/Berlin
sender:
  name: Tess
  address: tess@town.internal
  postal_address: 1 Market Square, 10115 Berlin
  unsubscribe: {{mailto: leave@town.internal}}
stages:
  - name
  - {{stage: lead, when: 'responses(within="5 days") >= 4'}}
  - {{stage: hot, when: interest >= 60, handoff: sales, back: [{{to: name, for: [not-now, no-budget]}}]}}
  - {{stage: mine, back: [{{to: name, for: [no-budget]}}]}}
  - {{stage: customer, when: did("purchased")}}
sales: {{channel: files, to: sales@town.internal, accepted: mine, won: customer}}
recycling: {{not-now: {{rest: 3 days}}, no-budget: {{rest: 2 days, then: delta, interest: halve}}}}
radar: [{{signal: back, if: 'burst(times=1, within="2 days", after="3 days")', task: Look at them, quiet: 4 days}}]
limits: {{per_contact: [{caps}], guard: 100000, stop_after: 3}}
closed: [2026-03-09]
channels:
  mail: {{type: smtp, host: 127.0.0.1, port: 9, tls: "off", hourly: 3}}
  files: {{type: outbox, folder: files}}
"""

# Shares assets with beta and delta; window, gap, rule, wait_for, stream with an end, task, split, set.
ALPHA: dict[str, Any] = {
    "campaign": "alpha",
    "priority": 60,
    "enter": {"when": 'did("downloaded")', "backfill": True},
    "exit": {"when": 'stage == "customer"'},
    "pace": {"window": "Mon-Fri 09:00-17:00", "gap": "2 days"},
    "rules": [{"if": 'did("requested_demo")', "stage": "lead"}],
    "stages": {
        "name": [
            {"send": "intro"},
            {"id": "pause", "wait": "2 days"},
            {
                "id": "reads",
                "wait_for": 'clicked("intro")',
                "within": "3 days",
                "then": [{"send": "shared"}],
                "else": [{"send": "checklist"}],
            },
            {
                "id": "pool",
                "stream": ["paper", {"send": "video", "if": 'not tag("fair")'}, "filed"],
                "every": "2 days",
                "until": 'clicked("paper")',
            },
            {"id": "call", "send": "call"},
        ],
        "lead": [
            {
                "split": {
                    "name": "tone",
                    "arms": {
                        "soft": {"weight": 50, "then": [{"send": "offer"}]},
                        "hard": {"weight": 50, "then": [{"send": "offer-hard"}]},
                    },
                }
            },
            {"id": "breath", "wait": "12 hours"},
            {
                "id": "which",
                "branch": [{"if": 'received("shared")', "then": []}, {"else": [{"send": "shared"}]}],
            },
            {"set": {"tag": "warm"}},
        ],
    },
}
# Comes again, ends in a stream that stays dry until somebody adds an item, writes files as well.
BETA: dict[str, Any] = {
    "campaign": "beta",
    "objective": "known",
    "priority": 40,
    "once": "campaign",
    "enter": {"when": 'tag("fair")', "backfill": False, "again": "every 10 days"},
    "goal": {"when": 'did("purchased")'},
    "pace": {"if_late": "shift", "late_after": "1 day"},
    "stages": {
        "any": [
            {"send": "shared"},
            {"id": "pause", "wait": "36h"},
            {"id": "pool", "stream": ["paper", "filed"], "every": "1 day"},
        ]
    },
}
# Through the outbox, waits for ever, passes again and again, also while Sales has the contact.
GAMMA: dict[str, Any] = {
    "campaign": "gamma",
    "with_sales": True,
    "once": "pass",
    "enter": {"when": 'did("visited")', "backfill": True, "again": "always"},
    "pace": {"if_late": "skip", "late_after": "2 days"},
    "stages": {
        "any": [
            {"send": "filed"},
            {
                "id": "answer",
                "wait_for": 'replied("filed")',
                "within": "forever",
                "since": "entry",
                "then": [{"send": "thanks"}],
                "else": [],
            },
            {"id": "done", "exit": "answered"},
        ]
    },
}
# Goes round for ever, prefers twice to never, may repeat itself; who was given back may enter it.
DELTA: dict[str, Any] = {
    "campaign": "delta",
    "objective": "known",
    "priority": 20,
    "once": "no",
    "on_unknown": "resend",
    "enter": {"when": 'did("registered")', "backfill": True},
    "exit": {"when": 'tag("enough")'},
    "stages": {
        "customer": [{"send": "checklist"}],
        "any": [
            {"id": "tick", "send": "tick"},
            {"id": "pause", "wait": "3 days"},
            {"id": "round", "goto": "tick"},
        ],
    },
}
ASSETS: dict[str, dict[str, str]] = {
    "intro": {}, "shared": {}, "checklist": {}, "paper": {}, "video": {}, "offer": {}, "tick": {}, "late": {},
    "offer-hard": {"variant_of": "offer"}, "filed": {"channel": "files"}, "thanks": {"channel": "files"},
    "call": {"channel": "task"},
}  # fmt: skip


STAGES = ("name", "lead", "hot", "mine", "customer")


class Town(ProjectFolder):
    """The project at `folder`, its database, and the clock."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.database = folder / "nurture.db"
        self.at = START
        self.people: list[str] = []
        self.campaigns = {one["campaign"]: copy.deepcopy(one) for one in (ALPHA, BETA, GAMMA, DELTA)}
        self._project: Project | None = None
        self._happened = 0
        self.caps: tuple[tuple[int, int], ...] = ()
        self.limit(((1, DAY),))
        for name, front in ASSETS.items():
            self.write_asset(name, **front)
        for name in self.campaigns:
            self.write_campaign(name)
        self.keys = make_database(folder, START)

    # --- files --------------------------------------------------------------------------------------------------

    def write(self, name: str, text: str) -> None:
        """Write a file of the project, which is read again when it is next asked for."""
        super().write(name, text)
        self._project = None

    def limit(self, caps: tuple[tuple[int, int], ...]) -> None:
        """So many mails to one contact in so many seconds."""
        self.caps = caps
        text = ", ".join(f"{most} per {seconds // DAY} days" for most, seconds in caps)
        self.write("nurture.yml", CONFIG.format(caps=text))

    def write_asset(self, name: str, body: str = "Hello.", **front: str) -> None:
        """Write an asset, whose subject is its name."""
        super().write_asset(name, body, **{"subject": name} | front)

    def write_campaign(self, name: str) -> None:
        """Write a campaign as it stands in `campaigns`."""
        self.write(f"campaigns/{name}.yml", yaml.safe_dump(self.campaigns[name], sort_keys=False))

    def edit(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change a campaign, and write it."""
        change(self.campaigns[name])
        self.write_campaign(name)

    @property
    def project(self) -> Project:
        """The project as its files stand; they must be sound."""
        if self._project is None:
            self._project = super().project
        return self._project

    # --- people -------------------------------------------------------------------------------------------------

    @contextmanager
    def writes(self) -> Iterator[Connection]:
        """A transaction of some other command than `run`."""
        db = open_writer(self.database)
        try:
            with writing(db):
                yield db
        finally:
            db.close()

    def ask(self, sql: str, *bound: object) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        db = open_reader(self.database)
        try:
            return db.execute(sql, bound).fetchall()
        finally:
            db.close()

    def _find(self, db: Connection, email: str) -> Contact:
        contact = find_contact(db, self.keys, email)
        assert contact is not None
        return contact

    def appear(self, consent: str, zone: str | None, *, tag: str | None) -> None:
        """A new contact."""
        email = f"p{len(self.people) + 1}@people.example"
        with self.writes() as db:
            id = add_contact(db, self.keys, email, stage="name", now=self.at)
            if zone:
                set_fields(db, self._find(db, email), {"zone": zone}, self.at)
            if tag:
                add_tag(db, id, tag)
        self.people.append(email)
        self.consent(email, consent)

    def consent(self, email: str, consent: str) -> None:
        """What a contact agrees to; implied consent ends after ten days."""
        basis = None if consent == "unknown" else "form"
        until = self.at + 10 * DAY if consent == "implied" else None
        with self.writes() as db:
            contact = self._find(db, email)
            set_consent(db, contact, consent, basis=basis, source=basis, at=self.at, until=until, now=self.at)

    def does(self, email: str, kind: str, asset: str = "", *, ago: int = 0) -> None:
        """A contact does something."""
        self._happened += 1
        with self.writes() as db:
            contact = self._find(db, email)
            key = f"test/{self._happened}"
            add_event(
                db, contact_id=contact.id, kind=kind, asset=asset, at=self.at - ago, now=self.at, source="t", key=key
            )

    def tag(self, email: str, tag: str, *, present: bool) -> None:
        """A tag comes or goes."""
        with self.writes() as db:
            (add_tag if present else remove_tag)(db, self._find(db, email).id, tag)

    def stage(self, email: str, stage: str) -> None:
        """A human moves a contact."""
        with self.writes() as db:
            contact = self._find(db, email)
            set_stage(db, contact, stage, stages=STAGES, cause="contacts set", now=self.at)

    def answer(self, email: str, verb: str, reason: str) -> None:
        """Sales says something of a contact; what does not fit where it stands changes nothing."""
        assert self.project.config is not None
        before = self.ask("SELECT id, state FROM handoff ORDER BY id")
        try:
            with self.writes() as db:
                contact, config = self._find(db, email), self.project.config
                match verb:
                    case "accept":
                        sales.accept(db, contact, config, now=self.at)
                    case "won":
                        sales.win(db, contact, config, 100.0, now=self.at)
                    case "lost":
                        sales.lose(db, contact, config, reason, now=self.at)
                    case _:
                        sales.reject(db, contact, config, reason, now=self.at)
        except OutOfPlace:
            assert self.ask("SELECT id, state FROM handoff ORDER BY id") == before

    def suppress(self, email: str) -> None:
        """Never write to this address again."""
        with self.writes() as db:
            hash = self._find(db, email).address_hash
            suppressions.suppress(db, hash, reason="unsubscribed", source="test", at=self.at)

    def lift(self, email: str) -> None:
        """Allow it again."""
        with self.writes() as db:
            suppressions.lift(db, self._find(db, email).address_hash, why="asked for it", at=self.at)

    def resolve(self, key: str, resolution: Resolution) -> None:
        """A human says what became of a touch in doubt."""
        db = open_writer(self.database)
        try:
            resolve(db, key, resolution, self.at)
        finally:
            db.close()

    def barred(self, email: str) -> bool:
        """Whether nobody may write to this contact now: read from the tables, without the planner."""
        facts = "consent, consent_basis, consent_source, consent_until, address_hash"
        ((consent, basis, source, until, hash),) = self.ask(f"SELECT {facts} FROM contact WHERE email = ?", email)
        allowed = consent in ("express", "implied") and basis and source and (until is None or until > self.at)
        held = self.ask("SELECT 1 FROM suppression WHERE address_hash = ? AND lifted_at IS NULL", hash)
        return not allowed or bool(held)
