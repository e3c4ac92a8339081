"""The functions that SQL calls in Python: calendars, send windows, the arms of splits, fingerprints of messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

from nurture_cli.calendars import add, next_allowed, shift
from nurture_cli.campaign.model import Split
from nurture_cli.message.ingredients import FACTS, for_facts
from nurture_cli.planner.chance import arm_of
from nurture_cli.planner.world import World
from nurture_cli.store.database import Connection


class SqlFunctions:
    """The functions of one world, called as of instant `at`.

    They are registered once on a connection: registering a function again makes SQLite prepare every statement again.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._at = 0
        self._opening: dict[tuple[int, str], int] = {}

    @property
    def at(self) -> int:
        """The instant of the plan."""
        return self._at

    @at.setter
    def at(self, at: int) -> None:
        self._at = at
        self._opening.clear()

    def register(self, db: Connection) -> None:
        """Register the functions on a connection."""
        functions: dict[str, tuple[int, Callable[..., int | str | None]]] = {
            "wait_end": (3, lru_cache(maxsize=1 << 16)(self._wait_end)),
            "split_arm": (2, self._split_arm),
            "add_gap": (3, self._add_gap),
            "opens": (2, self._opens),
            "shifted": (3, self._shifted),
            "made_from": (2 + len(FACTS), _made_from),
        }
        for name, (arguments, function) in functions.items():
            db.create_function(name, arguments, function, deterministic=True)

    def _wait_end(self, anchor: int, node: int, zone: str | None) -> int | None:
        world, duration = self._world, self._world.duration(node)
        return None if duration is None else add(anchor, duration, zone or world.zone, world.closed)

    def _split_arm(self, node: int, email: str) -> str:
        step = self._world.step(node)
        assert isinstance(step, Split)
        return step.arms[arm_of(step.name, tuple(arm.weight for arm in step.arms), email)].name

    def _add_gap(self, at: int | None, campaign_id: int | None, zone: str | None) -> int | None:
        world = self._world
        gap = None if campaign_id is None else world.campaigns[campaign_id].pace.gap
        return None if gap is None or at is None else add(at, gap, zone or world.zone, world.closed)

    def _opens(self, campaign_id: int | None, zone: str | None) -> int | None:
        if campaign_id is None:
            return None
        world = self._world
        place = (campaign_id, zone or world.zone)
        if place not in self._opening:
            window = world.campaigns[campaign_id].pace.window
            self._opening[place] = next_allowed(self._at, window, place[1], world.closed)
        return self._opening[place]

    def _shifted(self, due: int, zone: str | None, campaign_id: int) -> int:
        world = self._world
        return shift(due, self._at, world.campaigns[campaign_id].pace.window, zone or world.zone, world.closed)


def _made_from(common: str, fields: str, *facts: str | None) -> str:
    return for_facts(common, facts, json.loads(fields))
