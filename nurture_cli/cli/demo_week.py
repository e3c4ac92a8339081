"""A week in the life of the worked example, hour by hour, with a clock that is moved by hand."""

from __future__ import annotations

import csv
import shlex
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nurture_cli.cli.inert import inert
from nurture_cli.cli.schedule import this_program
from nurture_cli.clock import SteppingClock
from nurture_cli.timing import format_instant, parse_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.project import Project
    from nurture_cli.runner.run import Report
    from nurture_cli.store.touches import Touch

ZONE = "Europe/Berlin"
BEGIN, END = "2026-03-02T08:00", "2026-03-08T20:00"
HOUR = 3600
PROGRAM = "nurture"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

EventRow = Mapping[str, str]


class Week:
    """Makes the project in a folder that does not exist yet, and tells what happens in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._database = root / "nurture.db"
        self._clock = SteppingClock(parse_instant(BEGIN, ZONE))
        self._names: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._sent = 0

    def told(self) -> Iterator[str]:
        """What happens, line by line, as it happens."""
        from nurture_cli.cli.new_project import make_project
        from nurture_cli.project import load_project

        make_project(self._root, example=True, now=self._clock.now())
        project = load_project(self._root)
        if project.config is None:
            raise AssertionError("the worked example is not sound")
        yield f"The worked example: {len(project.campaigns)} campaigns, {len(project.assets)} assets, in {self._root}"
        yield from self._contacts(project.config)
        yield f"Times are those of {ZONE}. Every mail becomes a file in outbox/; nothing leaves this machine."
        yield from self._hours(project, project.config)
        yield from self._afterwards()

    def _contacts(self, config: Config) -> Iterator[str]:
        from nurture_cli.inbound.contacts import ContactOptions, import_contacts
        from nurture_cli.keys import read_keys
        from nurture_cli.store.contacts import iterate_contacts
        from nurture_cli.store.database import open_writer

        connection = open_writer(self._database)
        try:
            file = self._root / "contacts.csv"
            report = import_contacts(
                connection, read_keys(self._root), config, file, ContactOptions(), now=self._clock.now()
            )
            for contact in iterate_contacts(connection):
                self._names[contact.email] = inert(f"{contact.first_name} {contact.last_name}")
                self._zones[contact.email] = contact.zone or ZONE
        finally:
            connection.close()
        yield f"$ nurture contacts import contacts.csv: {report.new} new."

    def _hours(self, project: Project, config: Config) -> Iterator[str]:
        coming = sorted(self._events(), key=lambda event: parse_instant(event["at"], ZONE))
        end, day = parse_instant(END, ZONE), ""
        held: Counter[str] = Counter()
        while self._clock.now() <= end:
            now = format_instant(self._clock.now(), ZONE)
            if now[:10] != day:
                if held:
                    yield f"  held back at the end of the day: {_counted(held)}"
                day = now[:10]
                yield ""
                yield f"{_weekday(day)} {day}"
            arrived = [event for event in coming if parse_instant(event["at"], ZONE) <= self._clock.now()]
            coming = coming[len(arrived) :]
            yield from self._happened(arrived, config)
            report = self._run(project)
            held = Counter(report.planned.held_by_reason)
            yield from self._went_out(report)
            self._clock.advance(HOUR)
        if held:
            yield f"  held back at the end of the week: {_counted(held)}"

    def _events(self) -> list[EventRow]:
        with (self._root / "events.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _happened(self, events: list[EventRow], config: Config) -> Iterator[str]:
        if not events:
            return
        from nurture_cli.inbound.events import EventOptions, import_events
        from nurture_cli.keys import read_keys
        from nurture_cli.store.database import open_writer

        part = self._root / ".nurture" / "events-of-the-hour.csv"
        with part.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, events[0].keys())
            rows.writeheader()
            rows.writerows(events)
        connection = open_writer(self._database)
        try:
            import_events(connection, read_keys(self._root), config, part, EventOptions(), now=self._clock.now())
        finally:
            connection.close()
            part.unlink()
        for event in events:
            at = format_instant(parse_instant(event["at"], ZONE), ZONE)
            if at >= BEGIN:
                what = f"{event['kind']} {event['asset']}".strip()
                yield f"  {at[11:16]}        {self._name(event['email'])} {what}"

    def _run(self, project: Project) -> Report:
        from nurture_cli.runner.run import run

        return run(project, self._database, self._clock)

    def _went_out(self, report: Report) -> Iterator[str]:
        if not report.done.sent:
            return
        from nurture_cli.store.database import open_reader
        from nurture_cli.store.touches import list_touches

        connection = open_reader(self._database)
        try:
            news = list(list_touches(connection, state="sent", most=report.done.sent))
        finally:
            connection.close()
        self._sent += len(news)
        for touch in reversed(news):
            yield self._touch(touch)

    def _touch(self, touch: Touch) -> str:
        time = format_instant(touch.at, ZONE)[11:16]
        what = "to do:" if touch.channel == "task" else "mail: "
        where = f"{touch.campaign}, {touch.step}" if touch.campaign else "asked for"
        zone = self._zones.get(touch.email, ZONE)
        theirs = format_instant(touch.at, zone)[11:16]
        hour = "" if theirs == time else f", {theirs} in {zone}"
        return f"  {time}  {what} {touch.asset} -> {self._name(touch.email)}  [{where}{hour}]"

    def _name(self, email: str) -> str:
        return self._names.get(email, inert(email))

    def _afterwards(self) -> Iterator[str]:
        program = PROGRAM if shutil.which(PROGRAM) else shlex.join(this_program())
        yield ""
        yield f"{self._sent} touches went out. Look around:"
        yield f"  cd {shlex.quote(str(self._root))}"
        for words in (
            "status",
            "tasks list",
            "explain david.kim@prairie-milling.example",
            "explain lukas.braun@braun-lagertechnik.example zero-trust-ebook",
            "plan --at 2026-03-09T10:00",
        ):
            yield f"  {program} {words}"
        yield "  ls outbox"


def _weekday(day: str) -> str:
    from datetime import date

    return DAYS[date.fromisoformat(day).weekday()]


def _counted(held: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(held.items()))
