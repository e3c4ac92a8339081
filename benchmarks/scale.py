"""The worked example with 100,000 contacts and a million events behind a daily limit: the first days of a real list."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.example import DAY, EVENT_COLUMNS, bring_in, make_example
from benchmarks.measure import NURTURE, Line, Timing, megabytes, run, shown, table
from benchmarks.people import SEED
from nurture_cli.places import DATABASE
from nurture_cli.store.database import open_writer, writing

CONTACTS, RESPONSES = 100_000, 49  # two fifths of them respond, 25 times each on average: a million events
DAILY = 500
FIRST_PLAN, FIRST_RUN, SOME_NEW, WITH_ROOM, NOTHING = 10.0, 20.0, 2.0, 1.0, 0.3  # seconds
WRITTEN = 400_000_000  # bytes, into the database, by the first run


def measure(bench: Bench) -> bool:
    """Time the first plan and the runs that follow it, until nothing is new and the limit is reached."""
    contacts = CONTACTS if bench.proves else 300
    daily = DAILY if bench.proves else 5
    folder = make_example(bench.folder / "scale", contacts, most_responses=RESPONSES)
    _limit(folder, daily)
    plan = _nurture(folder, "plan")
    first = _nurture(folder, "run")
    settling = _nurture(folder, "run")
    idle = [_nurture(folder, "run") for _ in range(bench.times(5))]
    _some_respond(folder, contacts // 100)
    some = _nurture(folder, "run")
    _a_day_passes(folder)
    room = _nurture(folder, "run", "--limit", "1")
    into_database = first.written - (plan.written - len(plan.out))
    quick = sorted(idle, key=lambda one: one.seconds)[len(idle) // 2]
    return table(
        f"scale: the worked example, {contacts:,} contacts, a limit of {daily} a day",
        [
            _line(bench, "first plan", plan, FIRST_PLAN),
            Line("  peak memory", megabytes(plan.rss)),
            _line(bench, f"first run, sends {daily}", first, FIRST_RUN),
            Line("  written into the database", megabytes(into_database), "", f"below {megabytes(WRITTEN)}",
                 bench.kept(into_database < WRITTEN)),
            Line("  peak memory", megabytes(first.rss)),
            _line(bench, "the run after it, of whom the first one moved", settling),
            _line(bench, "run, nothing new, limit reached", quick, NOTHING),
            _line(bench, "run, one in a hundred responded", some, SOME_NEW),
            _line(bench, f"run, room for {daily} of those who wait, sends one", room, WITH_ROOM),
        ],
    )  # fmt: skip


def _line(bench: Bench, what: str, timing: Timing, seconds: float | None = None) -> Line:
    if seconds is None:
        return Line(what, shown(timing.seconds))
    return Line(what, shown(timing.seconds), "", f"below {shown(seconds)}", bench.kept(timing.seconds < seconds))


def _nurture(folder: Path, *words: str) -> Timing:
    return run((*NURTURE, *words, "--project", str(folder)), ok=(0, 1))


def _limit(folder: Path, daily: int) -> None:
    """Let the channel for mail carry so many a day."""
    settings, outbox = folder / "nurture.yml", "    folder: outbox\n"
    settings.write_text(settings.read_text("utf-8").replace(outbox, f"{outbox}    daily: {daily}\n", 1), "utf-8")


def _a_day_passes(folder: Path) -> None:
    """Let what was sent be as old as it will be tomorrow: a run has no other clock than that of the machine."""
    db = open_writer(folder / DATABASE)
    with writing(db):
        db.execute("UPDATE touch SET at = at - ?", (DAY,))
        db.execute("UPDATE instance SET room_at = 0")
    db.close()


def _some_respond(folder: Path, count: int) -> None:
    addresses = [line.partition(",")[0] for line in (folder / "contacts.csv").read_text("utf-8").splitlines()[1:]]
    chance, now = Random(SEED), datetime.now(UTC).isoformat()  # noqa: TID251  the present of the world
    some = chance.sample(addresses, count)
    bring_in(
        folder,
        "events",
        EVENT_COLUMNS,
        [(who, "clicked", "why-zero-trust", now, f"n{n}") for n, who in enumerate(some)],
    )
