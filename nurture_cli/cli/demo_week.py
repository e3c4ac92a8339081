"""A week in the life of the worked example, hour by hour."""

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

END = "2026-03-06T20:00"
HOUR = 3600
MANY = 3  # so many times the same within a day are told in one line


def week(town: Town) -> Iterator[str]:
    """What happens to everybody in the first five days, day by day."""
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
        self._touches: list[Touch] = []
        self._held: Counter[str] = Counter()

    def hour(self) -> None:
        """What came in until now, and what the run of this hour did."""
        for event in self._town.happen():
            at = instant(event["at"])
            if local(at)[:10] == local(self._town.clock.now())[:10]:
                what = f"{event['kind']} {event['asset']}".strip()
                self._tell(at, f"{'':6} {self._town.name(event['email'])} {what}")
        report = self._town.run()
        if report is None:
            return
        from nurture_cli.store.tasks import list_tasks
        from nurture_cli.store.touches import list_touches

        self._held = Counter(report.planned.held_by_reason)
        with self._town.reading() as connection:
            sent = list(list_touches(connection, state="sent", most=report.done.sent)) if report.done.sent else []
            tasks = [task for task in list_tasks(connection) if task.made_at == report.at]
        self._touches += (touch for touch in reversed(sent) if touch.reaches_contact)
        for task in tasks:
            self._tell(task.made_at, f"to do: {inert(task.title)} [{self._town.name(task.email)}]")

    def told(self, day: str) -> Iterator[str]:
        """The day in the order in which it happened; what went to many stands in one line."""
        of_asset: dict[str, list[Touch]] = {}
        for touch in self._touches:
            of_asset.setdefault(touch.asset, []).append(touch)
        for same in of_asset.values():
            for touch in same[:1] if len(same) > MANY else same:
                self._mail(touch, len(same) - 1 if len(same) > MANY else 0)
        yield ""
        yield f"{date.fromisoformat(day):%A} {day}"
        yield from (line for _, line in sorted(self._lines, key=lambda one: one[0]))
        if self._held:
            counted = ", ".join(f"{count} {reason}" for reason, count in sorted(self._held.items()))
            yield f"  held back at the end of the day: {counted}"

    def _tell(self, at: int, text: str) -> None:
        self._lines.append((at, f"  {local(at)[11:]}  {text}"))

    def _mail(self, touch: Touch, more: int) -> None:
        zone = self._town.zones.get(touch.email, ZONE)
        theirs = format_instant(touch.at, zone)[11:16]
        hour = "" if theirs == local(touch.at)[11:] else f", {theirs} in {zone}"
        where = f"{touch.campaign}, {touch.step}" if touch.campaign else "asked for"
        others = f", and to {more} others at their own hours" if more else ""
        self._tell(touch.at, f"mail:  {touch.asset} -> {self._town.name(touch.email)}{others}  [{where}{hour}]")
