"""What SQL asks of Python: calendars, send windows and stable hashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

from nurture_cli.campaign.model import Split
from nurture_cli.message.ingredients import FACTS, for_facts
from nurture_cli.planner.world import World, arm_of
from nurture_cli.store.database import Connection
from nurture_cli.timing import add, next_allowed, shift


def register_functions(db: Connection, world: World, at: int) -> None:
    """Give SQL, for a plan at instant `at`, what only Python knows."""

    @lru_cache(maxsize=1 << 16)
    def wait_end(anchor: int, node: int, zone: str | None) -> int | None:
        duration = world.duration(node)
        return None if duration is None else add(anchor, duration, zone or world.zone, world.closed)

    def split_arm(node: int, email: str) -> str:
        step = world.step(node)
        assert isinstance(step, Split)
        return step.arms[arm_of(step.name, tuple(arm.weight for arm in step.arms), email)].name

    def add_gap(at: int | None, camp: int | None, zone: str | None) -> int | None:
        gap = None if camp is None else world.campaigns[camp].pace.gap
        return None if gap is None or at is None else add(at, gap, zone or world.zone, world.closed)

    opening: dict[tuple[int, str], int] = {}

    def opens(camp: int | None, zone: str | None) -> int | None:
        if camp is None:
            return None
        place = (camp, zone or world.zone)
        if place not in opening:
            opening[place] = next_allowed(at, world.campaigns[camp].pace.window, place[1], world.closed)
        return opening[place]

    def shifted(due: int, zone: str | None, camp: int) -> int:
        return shift(due, at, world.campaigns[camp].pace.window, zone or world.zone, world.closed)

    def made_from(common: str, fields: str, *facts: str | None) -> str:
        return for_facts(common, facts, json.loads(fields))

    functions: dict[str, tuple[int, Callable[..., int | str | None]]] = {
        "wait_end": (3, wait_end),
        "split_arm": (2, split_arm),
        "add_gap": (3, add_gap),
        "opens": (2, opens),
        "shifted": (3, shifted),
        "made_from": (2 + len(FACTS), made_from),
    }
    for name, (arguments, function) in functions.items():
        db.create_function(name, arguments, function, deterministic=True)
