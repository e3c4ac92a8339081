"""The whole way of one contact: a lead, given back, kept warm, a lead once more, a customer who recommends us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nurture_cli.cli.demo_town import Town, instant, local
from nurture_cli.cli.inert import inert
from nurture_cli.cli.tables import cell_text

ANNA = "anna.bergmann@nordhafen-pumpen.example"
TIM = "tim.arnold@weserwerft.example"
HOURS = ("10:00", "16:00")  # of the day, at which a run is made


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that somebody types at a time: a heading for it, the words, and the lines of the answer to show."""

    at: str
    heading: str
    words: tuple[str, ...]
    first: int = 0
    last: int | None = None


def _anna(*words: str) -> tuple[str, ...]:
    return (*words[:2], ANNA, *words[2:]) if words[0] in ("sales", "contacts") else (words[0], ANNA, *words[1:])


TURNS = (
    Turn("2026-03-24T15:30", "Is she ready? What the next run will do:", _anna("explain"), 1, 14),
    Turn("2026-03-25T09:00", "What Sales gets, in short:", _anna("sales", "brief"), 2, 30),
    Turn("2026-03-27T11:00", "Sales has called. There is no money this year:", _anna("sales", "reject", "--reason", "no-budget")),
    Turn("2026-03-27T16:30", "", _anna("explain"), 1, 2),
    Turn("2026-09-14T09:00", "", ("sales", "list")),
    Turn("2026-09-15T11:00", "This time there is money:", _anna("sales", "accept")),
    Turn("2026-09-28T15:00", "", _anna("contacts", "set", "stage=opportunity")),
    Turn("2026-10-13T12:00", "", _anna("sales", "won", "--value", "48000")),
    Turn("2026-12-18T12:00", "", ("contacts", "refer", TIM, "--by", ANNA, "first_name=Tim", "last_name=Arnold")),
    Turn("2026-12-22T09:00", "Where she is now:", _anna("explain"), 0, 5),
)  # fmt: skip
END = "2026-12-22T10:00"


def way(town: Town) -> Iterator[str]:
    """What happens to one contact from the second week on, with what people type at each turn."""
    yield ""
    yield f"One contact's whole way: {town.name(ANNA)}, from the second week on"
    seen = _Seen(town)
    list(seen.news())
    for turn in TURNS:
        yield from _until(instant(turn.at), town, seen)
        yield from _taken(turn, town)
    yield from _until(instant(END), town, seen)


def _until(end: int, town: Town, seen: _Seen) -> Iterator[str]:
    """Let time pass, with two runs a day."""
    day = local(town.clock.now())[:10]
    while True:
        for hour in HOURS:
            at = instant(f"{day}T{hour}")
            if town.clock.now() < at < end:
                town.clock.at = at
                town.happen()
                town.run()
                yield from seen.news()
        if day == local(end)[:10]:
            break
        day = local(instant(f"{day}T12:00") + 86400)[:10]
    town.clock.at = end
    town.happen()


def _taken(turn: Turn, town: Town) -> Iterator[str]:
    yield ""
    if turn.heading:
        yield turn.heading
    yield f"$ nurture {' '.join(turn.words)}"
    said = town.said(*turn.words)
    yield from said[turn.first : turn.last]
    if turn.last is not None and len(said) > turn.last:
        yield "…"
    yield ""


class _Seen:
    """Tells of the contact's story what has not been told yet."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._told = 0

    def news(self) -> Iterator[str]:
        """What is new, in the words of `explain`."""
        from nurture_cli.keys import read_keys
        from nurture_cli.planner.story import story_of
        from nurture_cli.store.contacts import find_contact

        with self._town.reading() as connection:
            contact = find_contact(connection, read_keys(self._town.root), ANNA)
            assert contact is not None
            story = list(story_of(connection, contact.id))
        for past in story[self._told :]:
            place = f"  [{past.campaign}, {past.step}]" if past.campaign else ""
            yield f"  {local(past.at)}  {past.kind + ':':11}{inert(cell_text(past.text))}{place}"
        self._told = len(story)
