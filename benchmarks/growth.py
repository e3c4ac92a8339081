"""How the cost of everything grows: with the list, and with whatever else can become large.

Each cost is measured at two sizes, as processor time without that of starting the program; its exponent says how it
grows between them: 0 is flat, 1 is as the size does. What takes too little to be told from noise counts as flat.
"""

from __future__ import annotations

import csv
import math
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, run, shown, table
from benchmarks.people import COUNTRIES, FIRST, LAST, ROLES, SEED
from nurture_cli.language.expression import MeasureName
from nurture_cli.language.functions import FunctionName

STEEPEST = 1.15
NOISE = 0.15  # seconds
TEN = 10  # times the size, between two measurements of the list
FOUR = 4  # the same, of everything else
DAY = 86400

CONFIG = """\
project: Growing
zone: Europe/Berlin
sender:
  name: Mara Feld
  address: mara.feld@news.measured.internal
  postal_address: Measured GmbH, Am Kaispeicher 7, 20457 Hamburg, Germany
  unsubscribe: {{mailto: leave@measured.internal}}
stages: [new, warm, {{stage: hot, when: interest >= 60}}, customer]
fields: {{employees: number, renewal: date}}
fit: [{{if: employees >= 500, points: 40}}]
interest: {{half_life: 30 days, points: {{visited: 2, clicked: 5, downloaded: 8, replied: 20}}}}
grades: {{fit: [60, 40], interest: [40, 15]}}
segments:
{segments}
limits: {{guard: 10000000}}
channels: {{mail: {{type: outbox}}}}
"""
CAMPAIGN = """\
campaign: {name}
title: {name}
objective: new
enter: {{when: '{when}', backfill: true, again: never}}
exit: {{when: stage == "customer"}}
stages:
  new:
{steps}
"""
ASSET = "---\ntitle: {name}\nchannel: mail\nstages: [new]\nsubject: On {name}\n---\nHello.\n"

# One condition for each call and each measure, true for some of the contacts; `tests/test_benchmarks.py` misses none.
CALLS: Mapping[FunctionName, str] = {
    FunctionName.DID: 'did("visited", within="30 days", times=2)',
    FunctionName.CLICKED: 'clicked("a-0", within="60 days")',
    FunctionName.OPENED: "opened()",
    FunctionName.REPLIED: 'replied(within="60 days")',
    FunctionName.REQUESTED: "requested()",
    FunctionName.DOWNLOADED: 'downloaded("a-0")',
    FunctionName.VISITED: 'visited(within="14 days")',
    FunctionName.ATTENDED: "attended()",
    FunctionName.RECEIVED: 'received("a-0")',
    FunctionName.TOUCHES: 'touches(within="30 days") >= 1',
    FunctionName.DAYS_SINCE: 'days_since("visited") > 60',
    FunctionName.DAYS_UNTIL: "days_until(renewal) <= 30",
    FunctionName.RESPONSES: 'responses(within="60 days", stage="new") >= 2',
    FunctionName.COMPANY_PEOPLE: 'company_people(within="30 days") >= 3',
    FunctionName.BURST: 'burst(times=2, within="7 days", after="60 days")',
    FunctionName.TAG: 'tag("tag-0")',
    FunctionName.IN_SEGMENT: 'in_segment("segment-0")',
}
MEASURES: Mapping[MeasureName, str] = {
    MeasureName.FIT: "fit >= 40",
    MeasureName.INTEREST: "interest >= 25",
    MeasureName.GRADE: 'grade in ["A1", "B1"]',
    MeasureName.FURTHEST_STAGE: 'furthest_stage == "hot"',
    MeasureName.COMPANY_INTEREST: "company_interest >= 80",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is, in every direction."""

    contacts: int
    responses: int = 4  # of each contact, on average
    largest_company: int = 0  # contacts of one company; the others are small
    history: int = 0  # responses of one contact
    campaigns: int = 2
    steps: int = 3
    tags: int = 1  # of each contact
    segments: int = 2


def measure(bench: Bench) -> bool:
    """Measure every command, call and measure on a small and a large list, and planning in all other directions."""
    large = bench.contacts // TEN
    start = _seconds("--version")
    lines = [
        *_commands(bench.folder, large, start),
        *_conditions(bench.folder, large, start),
        *_directions(bench.folder, large // TEN, start),
    ]
    return table("growth: the exponent of each cost", [_judged(bench, line) for line in lines])


def _judged(bench: Bench, line: tuple[str, float, float, float]) -> Line:
    what, small, large, times = line
    steep = 0.0 if large < NOISE else math.log(max(large, 0.001) / max(small, NOISE / times)) / math.log(times)
    note = f"{shown(max(small, 0))} to {shown(max(large, 0))} for {times:g} times the size"
    return Line(what, f"{steep:.2f}", note, f"at most {STEEPEST}", bench.kept(steep <= STEEPEST))


Cost = tuple[str, float, float, float]  # of what, when small, when large, how many times the size


def _commands(folder: Path, large: int, start: float) -> Iterator[Cost]:
    """What each command costs, on a list before and after its first run."""
    costs = []
    for contacts in (large // TEN, large):
        place = _world(folder / f"growth-{contacts}", Size(contacts))
        said = f"c{contacts // 2}@firm.example"
        send = ("run", "--limit", "100", "--confirm", "100000000")
        costs.append({
            name: _of(place, start, *words)
            for name, words in (
                ("first plan", ("plan", "--json")), ("first run, of 100 mails", send), ("next run, of 100 mails", send),
                ("next plan", ("plan",)), ("explain", ("explain", said)), ("contacts show", ("contacts", "show", said)),
                ("contacts list", ("contacts", "list", "--json")), ("contacts export", ("contacts", "export")),
                ("touches list", ("touches", "list", "--json")),
                ("status", ("status",)), ("silent", ("silent", "--json")), ("stuck", ("stuck", "--json")),
                ("check --data", ("check", "--data")), ("doctor", ("doctor",)), ("doctor --full", ("doctor", "--full")),
                ("backup", ("backup", str(place / "copies"))),
            )
        })  # fmt: skip
    small, big = costs
    yield from ((name, small[name], big[name], TEN) for name in small)


def _conditions(folder: Path, large: int, start: float) -> Iterator[Cost]:
    """What it costs to ask each call and each measure of everybody: the first plan of a campaign that asks it."""
    places = [folder / f"growth-{contacts}" for contacts in (large // TEN, large)]
    for name, condition in (*CALLS.items(), *MEASURES.items()):
        small, big = (_of_condition(place, condition, start) for place in places)
        yield f"asking {name}", small, big, TEN


def _of_condition(place: Path, condition: str, start: float) -> float:
    """The cost of planning a campaign whose entry asks a condition, beside the campaigns that have run already."""
    probe = place / "campaigns" / "probe.yml"
    probe.write_text(CAMPAIGN.format(name="probe", when=condition, steps="    - send: a-0"), encoding="utf-8")
    try:
        return _of(place, start, "plan", "--json", "--campaign", "probe")
    finally:
        probe.unlink()


def _directions(folder: Path, contacts: int, start: float) -> Iterator[Cost]:
    """What the first plan costs as everything but the list grows."""
    base = Size(contacts)
    grown: Mapping[str, Callable[[int], Size]] = {
        "the largest company": lambda times: replace(base, largest_company=contacts // 8 * times),
        "the history of one contact": lambda times: replace(base, history=1_000 * times),
        "all histories": lambda times: replace(base, responses=5 * times),
        "campaigns": lambda times: replace(base, campaigns=5 * times),
        "steps": lambda times: replace(base, steps=5 * times),
        "tags": lambda times: replace(base, tags=4 * times),
        "segments": lambda times: replace(base, segments=5 * times),
    }
    for what, size in grown.items():
        small, big = (
            _of(_world(folder / "growth-one-way", size(times)), start, "plan", "--json") for times in (1, FOUR)
        )
        yield f"first plan, as {what} grow{'s' if what[-1] != 's' else ''}", small, big, FOUR


def _of(place: Path, start: float, *words: str) -> float:
    return _seconds(*words, "--project", str(place)) - start


def _seconds(*words: str) -> float:
    """Processor seconds of one command; one that finds something (`check --data`, `stuck`) ends with 1."""
    return run((*NURTURE, *words), ok=(0, 1) if words[0] in ("check", "stuck") else (0,)).cpu


def _world(place: Path, size: Size) -> Path:
    """A project of this size with its list, before its first run; made anew for the present."""
    shutil.rmtree(place, ignore_errors=True)
    for part in ("campaigns", "templates"):
        (place / part).mkdir(parents=True)
    segments = "\n".join(f"  segment-{n}: employees >= {n * 10}" for n in range(size.segments))
    (place / "nurture.yml").write_text(CONFIG.format(segments=segments), encoding="utf-8")
    for n in range(size.campaigns):
        when = f'in_segment("segment-{n % size.segments}") and (did("visited") or downloaded("a-0"))'
        steps = "\n".join(f"    - send: a-{n}\n    - wait: 2 days" for n in range(size.steps))
        (place / "campaigns" / f"c-{n}.yml").write_text(CAMPAIGN.format(name=f"c-{n}", when=when, steps=steps))
    for n in range(max(size.steps, 1)):
        (place / "templates" / f"a-{n}.md").write_text(ASSET.format(name=f"a-{n}"))
    run((*NURTURE, "init", str(place)))
    _import(
        place,
        "contacts",
        (
            "email",
            "first_name",
            "last_name",
            "company",
            "role",
            "country",
            "consent",
            "consent_basis",
            "consent_source",
            "employees",
            "renewal",
            "tags",
        ),
        _people(size),
    )
    _import(place, "events", ("email", "kind", "asset", "at", "id"), _responses(size))
    return place  # fmt: skip


def _import(place: Path, what: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    file = place / f"{what}.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
    run((*NURTURE, what, "import", str(file), "--project", str(place)))


def _people(size: Size) -> Iterator[tuple[object, ...]]:
    chance = Random(SEED)
    today = date(1970, 1, 1).toordinal() + int(time.time()) // DAY  # noqa: TID251  the present of the world
    for number in range(size.contacts):
        firm = 0 if number < size.largest_company else number // 3
        renewal = date.fromordinal(today + chance.randrange(-100, 300)).isoformat()
        yield (
            f"c{number}@firm.example", chance.choice(FIRST), chance.choice(LAST), f"Firm {firm}", chance.choice(ROLES),
            chance.choice(COUNTRIES), "express", "form at the fair", "fair 2026", chance.randrange(1, 5000), renewal,
            ",".join(f"tag-{n}" for n in range(size.tags)),
        )  # fmt: skip


def _responses(size: Size) -> Iterator[tuple[object, ...]]:
    chance = Random(SEED)
    now = int(time.time())  # noqa: TID251  the present of the world
    number = count()
    for contact in range(size.contacts):
        for _ in range(size.history if contact == 1 and size.history else chance.randrange(2 * size.responses + 1)):
            at = datetime.fromtimestamp(now - chance.randrange(3600, 180 * DAY), UTC)
            kind = chance.choice(("visited", "visited", "clicked", "downloaded", "replied"))
            yield (f"c{contact}@firm.example", kind, "a-0", at.isoformat(), f"e{next(number)}")
