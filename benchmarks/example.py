"""The worked example with as many contacts as a firm has: its criteria and its radar look at whole companies."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, REPOSITORY, Line, Several, megabytes, run, shown, table
from benchmarks.people import COUNTRIES, FIRST, INDUSTRIES, LAST, ROLES, SEED, TITLES

DAY = 86400
SECONDS = 5  # the first plan of ten thousand contacts
STEEPER = 1.5  # five times the contacts may take so much more than five times as long
LARGE_COMPANY = 1.5  # a fifth of the list in one company may take so much longer than without
ASSETS = (
    "zero-trust-ebook", "why-zero-trust", "five-minute-checklist", "segmentation-white-paper", "pricing-guide",
)  # fmt: skip
KINDS = ("visited", "visited", "visited", "clicked", "clicked", "clicked", "downloaded", "downloaded", "attended",
         "requested", "requested_demo", "replied")  # fmt: skip
GUARD = ("guard: 500", "guard: 10000000")
AGREED = ("express", "form at the fair", "fair 2026")
CONTACT_COLUMNS = (
    "email", "first_name", "last_name", "company", "job_title", "role", "country", "consent", "consent_basis",
    "consent_source", "employees", "industry", "sites",
)  # fmt: skip
EVENT_COLUMNS = ("email", "kind", "asset", "at", "id")


def measure(bench: Bench) -> bool:
    """Time the first plan of growing lists and of one with a very large company, then what looks at the same facts."""
    sizes = (1_000, 4_000, 10_000, 50_000) if bench.proves else (50, 100)
    worlds = {size: make_example(bench.folder, size) for size in sizes}
    plans = {size: _several(bench, folder, "plan") for size, folder in worlds.items()}
    middle, most = sizes[-2:]
    uneven = make_example(bench.folder, middle, of_one_company=middle // 5)
    crowded = _several(bench, uneven, "plan")
    growth = plans[most].seconds / plans[middle].seconds / (most / middle)
    ratio = crowded.seconds / plans[middle].seconds
    lines = [Line(f"first plan, {size:,} contacts", shown(one.seconds), one.spread) for size, one in plans.items()]
    lines[-2] = replace(lines[-2], promise=f"below {shown(SECONDS)}", kept=bench.kept(plans[middle].seconds < SECONDS))
    lines += [
        Line("  time for each contact grew by", f"{growth:.2f}", "", f"at most {STEEPER}",
             bench.kept(growth <= STEEPER)),
        Line("  peak memory", megabytes(plans[most].rss)),
        Line(f"first plan, {middle:,}, a fifth of one company", shown(crowded.seconds), crowded.spread),
        Line("  times that of usual companies", f"{ratio:.2f}", "", f"at most {LARGE_COMPANY}",
             bench.kept(ratio <= LARGE_COMPANY)),
    ]  # fmt: skip
    run((*NURTURE, "run", "--limit", "100", "--project", str(uneven)))
    someone = "c0@firm-0.example"  # of the large company
    for words in (("plan",), ("stuck",), ("silent",), ("check", "--data"), ("explain", someone)):
        told = _several(bench, uneven, *words)
        lines.append(Line(f"  then {words[0]}", shown(told.seconds), told.spread))
    return table("example: the worked example of the README", lines)


def _several(bench: Bench, folder: Path, *words: str) -> Several:
    command = (*NURTURE, *words, "--project", str(folder))
    return Several(tuple(run(command, ok=(0, 1)) for _ in range(bench.times(3))))


def make_example(folder: Path, contacts: int, of_one_company: int = 0, most_responses: int = 8) -> Path:
    """The example's own files with an imported list, before its first run; made anew for the present."""
    place = folder / f"example-{contacts}-{of_one_company}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for part in ("campaigns", "templates"):
        shutil.copytree(REPOSITORY / part, place / part)
    config = (REPOSITORY / "nurture.yml").read_text("utf-8").replace(*GUARD)
    (place / "nurture.yml").write_text(config, encoding="utf-8")
    run((*NURTURE, "init", str(place)))
    people = list(_people(contacts, of_one_company))
    bring_in(place, "contacts", CONTACT_COLUMNS, people)
    bring_in(place, "events", EVENT_COLUMNS, _responses([person[0] for person in people], most_responses))
    return place


def bring_in(place: Path, what: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Import rows into the project."""
    file = place / f"{what}.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
    run((*NURTURE, what, "import", str(file), "--project", str(place)))


def _people(contacts: int, of_one_company: int) -> Iterator[tuple[object, ...]]:
    """Contacts company by company, most of which are small: half of them are the only one of theirs."""
    chance = Random(SEED)
    number = 0
    for firm in count():
        large = of_one_company if firm == 0 else 0
        size = large or min(int(chance.paretovariate(1.2)), 60)
        employees, industry, sites = chance.randrange(20, 5000), chance.choice(INDUSTRIES), chance.randrange(1, 6)
        for _ in range(size):
            if number == contacts:
                return
            yield (
                f"c{number}@firm-{firm}.example", chance.choice(FIRST), chance.choice(LAST), f"Firm {firm}",
                chance.choice(TITLES), chance.choice(ROLES), chance.choice(COUNTRIES), *AGREED, employees, industry,
                sites,
            )  # fmt: skip
            number += 1


def _responses(addresses: list[object], most: int) -> Iterator[tuple[object, ...]]:
    """What two fifths of them did in the last half year: up to so many things each."""
    chance = Random(SEED)
    now = int(time.time())  # noqa: TID251  the present of the world
    number = count()
    for address in addresses:
        if chance.random() < 0.4:
            for _ in range(chance.randint(1, most)):
                at = datetime.fromtimestamp(now - chance.randrange(3600, 180 * DAY), UTC)
                yield (address, chance.choice(KINDS), chance.choice(ASSETS), at.isoformat(), f"e{next(number)}")
