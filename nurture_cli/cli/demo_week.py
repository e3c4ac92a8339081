"""Four days in the life of the worked example, hour by hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from nurture_cli.cli.demo_town import ZONE, Town, instant, local
from nurture_cli.cli.inert import inert
from nurture_cli.timing import format_instant

if TYPE_CHECKING:
    from nurture_cli.store.touches import Touch

END = "2026-03-05T22:00"
HOUR = 3600
MANY = 3  # names in one line; of more, only the first is named


def week(town: Town) -> Iterator[str]:
    """What happens to everybody in the first four days, day by day."""
    day = local(town.clock.now())[:10]
    telling = _Day(town)
    while town.clock.now() <= instant(END):
        if local(town.clock.now())[:10] != day:
            yield from telling.told(day)
            day, telling = local(town.clock.now())[:10], _Day(town)
        telling.hour()
        town.clock.advance(HOUR)
    yield from telling.told(day)


class _Day:
    """Everything of one day."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._lines: list[tuple[int, str]] = []
        self._acts: dict[str, list[tuple[int, str]]] = {}
        self._mails: dict[tuple[str, str, str], list[Touch]] = {}
        self._held: Counter[str] = Counter()

    def hour(self) -> None:
        """What has come in so far, and what the run of this hour did."""
        for event in self._town.happen():
            at = instant(event["at"])
            if local(at)[:10] == local(self._town.clock.now())[:10]:
                self._acts.setdefault(f"{event['kind']} {event['asset']}".strip(), []).append((at, event["email"]))
        report = self._town.run()
        if report is None:
            return
        from nurture_cli.store.tasks import list_tasks
        from nurture_cli.store.touches import list_touches

        self._held = Counter(report.planned.held_by_reason)
        with self._town.reading() as connection:
            sent = list(list_touches(connection, state="sent", most=report.done.sent)) if report.done.sent else []
            tasks = [task for task in list_tasks(connection) if task.made_at == report.at]
        for touch in reversed(sent):
            if touch.reaches_contact:
                self._mails.setdefault((touch.asset, touch.campaign, touch.step), []).append(touch)
        for task in tasks:
            self._tell(task.made_at, f"to do: {inert(task.title)} [{self._town.name(task.email)}]")

    def told(self, day: str) -> Iterator[str]:
        """The day in the order in which it happened; what went to several people shares a line."""
        for act, people in self._acts.items():
            names = self._listed([self._town.name(email) for _, email in people])
            self._tell(people[0][0], f"{'':6} {names} {act}")
        for (asset, campaign, step), touches in self._mails.items():
            where = f"{campaign}, {step}" if campaign else "asked for"
            names = self._listed([self._addressee(touch) for touch in touches])
            self._tell(touches[0].at, f"mail:  {asset} -> {names}  [{where}]")
        yield ""
        yield f"{date.fromisoformat(day):%A} {day}"
        yield from (line for _, line in sorted(self._lines, key=lambda one: one[0]))
        if self._held:
            counted = ", ".join(f"{count} {reason}" for reason, count in sorted(self._held.items()))
            yield f"  held back at the end of the day: {counted}"

    def _tell(self, at: int, text: str) -> None:
        self._lines.append((at, f"  {local(at)[11:]}  {text}"))

    def _addressee(self, touch: Touch) -> str:
        """A name, with the hour on the contact's own clock, where that shows another hour."""
        zone = self._town.zones.get(touch.email, ZONE)
        theirs = format_instant(touch.at, zone)[11:16]
        hour = "" if theirs == local(touch.at)[11:] else f" ({theirs} in {zone})"
        return f"{self._town.name(touch.email)}{hour}"

    def _listed(self, names: list[str]) -> str:
        if len(names) > MANY:
            return f"{names[0]} and {len(names) - 1} others"
        return ", ".join(names)
