"""The people of the worked example, what happens to them, and the runs beside it, by a clock that is moved by hand."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.cli import opening
from nurture_cli.cli.inert import inert
from nurture_cli.cli.schedule import this_program
from nurture_cli.clock import SteppingClock
from nurture_cli.plural import how_many
from nurture_cli.timing import format_instant, parse_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.project import Project
    from nurture_cli.runner.run import Report
    from nurture_cli.store.database import Connection

ZONE = "Europe/Berlin"
BEGIN, END = "2026-03-02T08:00", "2026-12-22T12:00"
# One run on each working day from Monday on; between these hours every zone has its working hours.
RUNS = ("16:00", "09:00", "16:00", "09:00", "16:00")
PROGRAM = "nurture"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

TownEvent = Mapping[str, str]


def instant(text: str) -> int:
    """The instant of a time as it is written in the example."""
    return parse_instant(text, ZONE)


def local(at: int) -> str:
    """An instant as `2026-03-02 08:00`, in the zone of the project."""
    return format_instant(at, ZONE)[:16]


class Town:
    """Makes the project in a folder that does not exist yet, and lets time pass in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "nurture.db"
        self.clock = SteppingClock(instant(BEGIN))
        self.zones: dict[str, str] = {}
        self.sent = 0
        self._names: dict[str, str] = {}
        self._coming: list[TownEvent] = []
        self._project: Project | None = None

    def opened(self) -> Iterator[str]:
        """Make everything, and say what was made."""
        from nurture_cli.cli.new_project import example, make_project
        from nurture_cli.project import load_project

        make_project(self.root, example(), now=self.clock.now())
        self._project = load_project(self.root)
        with (self.root / "events.csv").open(encoding="utf-8", newline="") as file:
            self._coming = sorted(csv.DictReader(file), key=lambda event: instant(event["at"]))
        count = f"{how_many(len(self._project.campaigns), 'campaign')}, {how_many(len(self._project.assets), 'asset')}"
        yield f"The worked example: {count}, in {self.root}"
        yield "$ nurture contacts import contacts.csv"
        answer = self.said("contacts", "import", str(self.root / "contacts.csv"))
        yield from (line for line in answer if "rows:" in line)
        yield f"All times are in {ZONE}. Every mail becomes a file in outbox/; nothing leaves this machine."
        self._know_names()

    @property
    def config(self) -> Config:
        """The settings of the example."""
        if self._project is None or self._project.config is None:
            raise AssertionError("the worked example is not sound")
        return self._project.config

    def name(self, email: str) -> str:
        """What people call a contact."""
        return self._names.get(email, inert(email))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """The database, to look things up in it."""
        from nurture_cli.store.database import open_reader

        connection = open_reader(self.database)
        try:
            yield connection
        finally:
            connection.close()

    def happen(self) -> list[TownEvent]:
        """Import the events whose time has come since the last call, and return them."""
        from nurture_cli.inbound.events import EventOptions, import_events
        from nurture_cli.keys import read_keys

        arrived = [event for event in self._coming if instant(event["at"]) <= self.clock.now()]
        self._coming = self._coming[len(arrived) :]
        if not arrived:
            return []
        part = self.root / ".nurture" / "events-of-the-hour.csv"
        with part.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, arrived[0].keys())
            rows.writeheader()
            rows.writerows(arrived)
        try:
            with opening.writer_at(self.root, self.database) as connection:
                now = self.clock.now()
                import_events(connection, read_keys(self.root), self.config, part, EventOptions(), now=now)
        finally:
            part.unlink()
        return arrived

    def run(self) -> Report | None:
        """What `nurture run` does at this moment; None when there was nothing to do."""
        from nurture_cli.runner.idle import nothing_to_do
        from nurture_cli.runner.run import run

        assert self._project is not None
        if nothing_to_do(self.root, self.database, self.clock.now()):
            return None
        report = run(self._project, self.database, self.clock)
        self.sent += report.done.sent
        return report

    def until(self, end: int) -> Iterator[None]:
        """Let time pass with a run on each working day; stops after each that did something, and at the end."""
        day, last = (date.fromisoformat(local(at)[:10]) for at in (self.clock.now(), end))
        while day <= last:
            for hour in RUNS[day.weekday() :][:1]:
                at = instant(f"{day}T{hour}")
                if self.clock.now() < at < end:
                    self.clock.at = at
                    self.happen()
                    if self.run() is not None:
                        yield
            day += timedelta(days=1)
        self.clock.at = end
        self.happen()
        yield

    def said(self, *words: str) -> list[str]:
        """What a command of this program prints to people at this moment."""
        from typer.main import get_command

        from nurture_cli.cli.app import Surroundings, app

        screen = _Screen()
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(_Aside(screen)):
            line = [*words, "--project", str(self.root)]
            with get_command(app).make_context(PROGRAM, line, obj=Surroundings(self.clock)) as context:
                context.command.invoke(context)
        return _COLOUR.sub("", screen.getvalue()).splitlines()

    def left(self, now: int) -> Iterator[str]:
        """What readers can type next, once their own clock counts."""
        self._let_count(now)
        program = PROGRAM if shutil.which(PROGRAM) else shlex.join(this_program())
        yield ""
        yield f"{how_many(self.sent, 'touch', 'touches')} went out in all. Look around:"
        yield f"  cd {shlex.quote(str(self.root))}"
        for words in (
            "status",
            "sales list --all",
            f"explain anna.bergmann@nordhafen-pumpen.example --at {END}",
            f"explain lukas.braun@braun-lagertechnik.example zero-trust-ebook --at {END}",
        ):
            yield f"  {program} {words}"
        yield "  ls outbox"

    def _let_count(self, now: int) -> None:
        """Let the reader's clock count from now on: a run refuses a clock that is behind the last run's."""
        from nurture_cli.store.database import writing
        from nurture_cli.store.instance import adopt

        with opening.writer_at(self.root, self.database) as connection, writing(connection):
            adopt(connection, self.database, now)

    def _know_names(self) -> None:
        from nurture_cli.store.contacts import iterate_contacts

        with self.reading() as connection:
            for contact in iterate_contacts(connection):
                self._names[contact.email] = inert(f"{contact.first_name} {contact.last_name}")
                self.zones[contact.email] = contact.zone or ZONE


class _Screen(io.StringIO):
    """Keeps what is printed, as it is shown to people."""

    def isatty(self) -> bool:
        return True


class _Aside(io.TextIOBase):
    """Standard error on the same page, but not a terminal, so that no progress bar is drawn."""

    def __init__(self, screen: _Screen) -> None:
        self._screen = screen

    def write(self, text: str) -> int:
        return self._screen.write(text)
