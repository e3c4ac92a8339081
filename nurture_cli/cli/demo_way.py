"""The whole story of one contact: a lead, returned by Sales, kept warm, a lead again, a customer who refers others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from nurture_cli.cli.demo_town import END, Town, instant, local
from nurture_cli.cli.inert import inert

if TYPE_CHECKING:
    from nurture_cli.explain.story import Past

ANNA = "anna.bergmann@nordhafen-pumpen.example"
TIM = "tim.arnold@weserwerft.example"


@dataclass(frozen=True, slots=True)
class TownTurn:
    """What somebody types at a time; the demo shows the answer's first paragraph, and those that begin with `parts`."""

    at: str
    heading: str
    words: tuple[str, ...]
    parts: tuple[str, ...] = ()


TURNS = (
    TownTurn("2026-03-24T15:30", "Is she ready? What the next run will do, and why:", ("explain", ANNA), ("Criteria",)),
    TownTurn("2026-03-25T17:00", "What Sales gets, in short:", ("sales", "brief", ANNA), ("## Open", "## How")),
    TownTurn("2026-03-27T11:00", "Sales calls, and returns her:", ("sales", "reject", ANNA, "--reason", "no-budget")),
    TownTurn("2026-06-01T12:00", "nurture leaves her in peace:", ("explain", ANNA)),
    TownTurn("2026-09-15T11:00", "Sales calls again, and this time it fits:", ("sales", "accept", ANNA)),
    TownTurn("2026-09-28T15:00", "", ("contacts", "set", ANNA, "stage=opportunity")),
    TownTurn("2026-10-13T12:00", "Won:", ("sales", "won", ANNA, "--value", "48000")),
    TownTurn("2026-12-18T12:00", "She recommends us:", ("contacts", "refer", TIM, "--by", ANNA)),
    TownTurn(END, "Where she is now:", ("explain", ANNA)),
)  # fmt: skip


def way(town: Town) -> Iterator[str]:
    """What happens to one contact from the second week on, with what people type at each turn."""
    yield ""
    yield f"The whole story of one contact: {town.name(ANNA)}, from the second week on"
    story = _Story(town)
    list(story.news())
    for turn in TURNS:
        for _ in town.until(instant(turn.at)):
            yield from story.news()
        if turn.heading:
            yield ""
            yield turn.heading
        yield f"$ nurture {' '.join(turn.words)}"
        yield from _shown(town.said(*turn.words), turn.parts)
        list(story.news())  # the answer has told it


def _shown(lines: Sequence[str], parts: tuple[str, ...]) -> Iterator[str]:
    """The first paragraph of an answer, and the wanted ones; `…` where something between them is left out."""
    wanted, gap, first = True, False, True
    for blank, group in groupby(lines, key=lambda line: not line):
        if blank:
            continue
        paragraph = [line for line in group if not line.startswith("    ")]  # details of details
        wanted = wanted or any(paragraph[0].startswith(part) for part in parts)
        if wanted:
            if gap:
                yield "…"
            elif not first:
                yield ""
            yield from paragraph
        gap, first = not wanted, False
        wanted = wanted and paragraph[0].startswith("#")  # a heading brings the lines below it


class _Story:
    """The contact's story as `explain` tells it, and what people have to do, told bit by bit."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._told = 0
        self._tasks = 0

    def news(self) -> Iterator[str]:
        """What is new since the last call; what is of one kind and day shares a line."""
        from nurture_cli.explain.story import story_of
        from nurture_cli.keys import read_keys
        from nurture_cli.store.contacts import find_contact
        from nurture_cli.store.tasks import list_tasks

        with self._town.reading() as connection:
            contact = find_contact(connection, read_keys(self._town.root), ANNA)
            assert contact is not None
            story = list(story_of(connection, contact.id))
            tasks = [task for task in list_tasks(connection) if task.email == ANNA]
        new = [past for past in story[self._told :] if _matters(past)]
        for (day, kind), same in groupby(new, key=lambda past: (local(past.at)[:10], past.kind)):
            told = "; ".join(dict.fromkeys(_chained([_words(past) for past in same])))
            yield f"  {day}  {kind + ':':10} {inert(told)}"
        for task in tasks[self._tasks :]:
            yield f"  {local(task.made_at)[:10]}  {'to do:':10} {inert(task.title)}"
        self._told, self._tasks = len(story), len(tasks)


def _matters(past: Past) -> bool:
    """Of what campaigns decide, only who enters and leaves, and what was waited for."""
    return past.kind != "decision" or past.text.startswith(("entered", "ended", "wait_for"))


def _words(past: Past) -> str:
    place = f" [{past.campaign}{', ' if past.step else ''}{past.step}]" if past.campaign else ""
    return f"{past.text.partition(': ')[0] if past.kind == 'touch' else past.text}{place}"


def _chained(words: Sequence[str]) -> Iterator[str]:
    """Moves from stage to stage as one: `engaged -> our-market -> target`."""
    chain = ""
    for text in words:
        before, arrow, after = text.partition(" -> ")
        if arrow and chain.partition(" (")[0].endswith(f" -> {before}"):
            chain = f"{chain.partition(' (')[0]} -> {after}"
            continue
        if chain:
            yield chain
        chain = text
    if chain:
        yield chain
