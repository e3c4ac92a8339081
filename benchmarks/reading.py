"""What people look at: one contact, the counts, and lists and exports of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, Line, Several, by_turns, megabytes, shown, table
from benchmarks.people import FIRST_ID, address
from benchmarks.world import Shape, world

ONE_CONTACT = 0.3  # seconds
COUNTS = 1.0
ROWS = 100_000  # a second
MARGIN = 100_000_000  # bytes that a long list may take more than a short one
IN_DOUBT = 4  # how `status` ends when touches are in doubt


def measure(bench: Bench) -> bool:
    """Time each command on a long list; of lists, count the rows a second and compare the memory with a short list."""
    long, short = (bench.folder / f"world-{contacts}" for contacts in (bench.contacts, bench.few))
    for folder, contacts in ((long, bench.contacts), (short, bench.few)):
        world(folder, Shape(contacts))
    email = address(FIRST_ID + bench.contacts // 2)
    asked = {
        "explain": (("explain", email), ONE_CONTACT),
        "contacts show": (("contacts", "show", email), ONE_CONTACT),
        "touches list --contact": (("touches", "list", "--contact", email), ONE_CONTACT),
        "status": (("status",), COUNTS),
    }
    commands = [(*NURTURE, *words, "--project", str(long)) for words, _ in asked.values()]
    timings = by_turns(bench.times(5), *commands, ok=(0, IN_DOUBT))
    lines = [
        Line(
            f"nurture {name}", shown(took.seconds), took.spread, f"below {shown(most)}", bench.kept(took.seconds < most)
        )
        for (name, (_, most)), took in zip(asked.items(), timings, strict=True)
    ]
    out = bench.folder / "reading.out"
    for words in (("contacts", "list", "--json"), ("contacts", "list"), ("contacts", "export")):
        took, few = by_turns(bench.times(3), _into(out, words, long), _into(out, words, short))
        lines += _list(bench, " ".join(words), bench.contacts, took, few)
    (touches,) = by_turns(bench.times(3), _into(out, ("touches", "list", "--json"), short))
    rows = _rows(out)
    out.unlink()
    lines.append(Line(f"nurture touches list --json, {rows:,} rows", shown(touches.seconds), touches.spread))
    return table(f"reading: {bench.contacts:,} contacts, ten touches each", lines)


def _list(bench: Bench, name: str, rows: int, took: Several, few: Several) -> list[Line]:
    speed = rows / took.seconds
    return [
        Line(f"nurture {name}", shown(took.seconds), took.spread),
        Line("  rows a second", f"{speed:,.0f}", "", f"at least {ROWS:,}", bench.kept(speed >= ROWS)),
        Line(
            "  peak memory",
            megabytes(took.rss),
            f"{megabytes(few.rss)} for {bench.few:,} contacts",
            f"at most {megabytes(MARGIN)} more",
            bench.kept(took.rss <= few.rss + MARGIN),
        ),
    ]


def _into(file: Path, words: Sequence[str], project: Path) -> tuple[str, ...]:
    """The command with its output in a file: what measures must not hold it."""
    return ("/bin/sh", "-c", f'exec "$0" "$@" > "{file}"', *NURTURE, *words, "--project", str(project))


def _rows(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
