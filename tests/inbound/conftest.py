"""A project with stages and fields, an empty store, and files to import."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.address import normalise
from nurture_cli.campaign.funnel import Funnel, Grades, Interest
from nurture_cli.campaign.model import Config, Limits, Sender
from nurture_cli.inbound.contacts import ContactOptions, import_contacts
from nurture_cli.inbound.events import EventOptions, import_events
from nurture_cli.inbound.report import ImportReport
from nurture_cli.inbound.suppressions import SuppressionOptions, SuppressionReport, import_suppressions
from nurture_cli.keys import Keys
from nurture_cli.language.expression import Type
from nurture_cli.records import Contact
from nurture_cli.store.contacts import find_contact
from nurture_cli.store.database import Connection, open_writer
from nurture_cli.store.suppressions import suppression_of
from nurture_cli.text.diagnostic import Span
from tests.conftest import A_TUESDAY_MORNING as NOW
from tests.projects import new_database

CONFIG = Config(
    name="test",
    file="nurture.yml",
    hash="",
    zone="Europe/Berlin",
    sender=Sender("Mara", "mara@house.example", None, "1 Quay", None, "off@house.example"),
    stages=("awareness", "name", "lead", "customer"),
    fields={"industry": Type.TEXT, "employees": Type.NUMBER, "vip": Type.BOOLEAN, "renewal": Type.DATE},
    segments={},
    limits=Limits((), 1000, 3),
    channels={},
    closed=frozenset(),
    funnel=Funnel((), Interest(1, {}, {}, {}), Grades((60, 30), (50, 15))),
    events=frozenset({"ticket_opened"}),
    places={"": Span("nurture.yml", 1, 1, 1)},
)


class Desk:
    """Imports files, or what would be in them, into one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "nurture.db"
        self.keys = Keys(b"k" * 32)
        new_database(self.path, NOW, self.keys)
        self.db: Connection = open_writer(self.path)

    def file(self, content: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def contacts(self, content: str | bytes | Path, *, now: int = NOW, **options: object) -> ImportReport:
        path = content if isinstance(content, Path) else self.file(content)
        chosen = dataclasses.replace(ContactOptions(rejects=self.folder / "rejects.csv"), **options)
        return import_contacts(self.db, self.keys, CONFIG, path, chosen, now=now)

    def events(self, content: str | bytes | Path, *, now: int = NOW, **options: object) -> ImportReport:
        path = content if isinstance(content, Path) else self.file(content)
        chosen = dataclasses.replace(EventOptions(rejects=self.folder / "rejects.csv"), **options)
        return import_events(self.db, self.keys, CONFIG, path, chosen, now=now)

    def suppressions(self, content: str | bytes | Path, *, now: int = NOW, **options: object) -> SuppressionReport:
        path = content if isinstance(content, Path) else self.file(content)
        chosen = dataclasses.replace(SuppressionOptions(rejects=self.folder / "rejects.csv"), **options)
        return import_suppressions(self.db, self.keys, path, chosen, now=now)

    def suppressed(self, address: str) -> str | None:
        """Why nothing is sent to an address."""
        held = suppression_of(self.db, self.keys.address_hash(normalise(address).key))
        return held.reason if held else None

    def contact(self, address: str) -> Contact:
        found = find_contact(self.db, self.keys, address)
        assert found is not None, f"{address} is not there"
        return found

    def hash(self, address: str) -> bytes:
        return self.contact(address).address_hash

    def dump(self) -> list[tuple[object, ...]]:
        """Everything in the database."""
        tables = self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return [(name, *row) for (name,) in tables.fetchall() for row in self.db.execute(f"SELECT * FROM {name}")]

    def rejects(self) -> str:
        return (self.folder / "rejects.csv").read_text("utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty store to import into."""
    made = Desk(tmp_path)
    yield made
    made.db.close()
