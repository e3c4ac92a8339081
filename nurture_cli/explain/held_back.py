"""The reasons why a plan holds touches back, and when the first of each may go."""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.planner.plan import Plan


@dataclass(slots=True)
class HeldBack:
    """One reason of the list `Hold`: how many touches, the first instant at which one of them may go, and the last."""

    reason: str
    count: int = 0
    first: int | None = None
    last: int | None = None


def held_back(plan: Plan) -> tuple[HeldBack, ...]:
    """The reasons for the touches that a plan holds back, the one that concerns most touches first."""
    reasons: dict[str, HeldBack] = {}
    for held in plan.held():
        one = reasons.setdefault(held.reason, HeldBack(held.reason))
        one.count += 1
        if held.until is not None:
            one.first = held.until if one.first is None else min(one.first, held.until)
            one.last = held.until if one.last is None else max(one.last, held.until)
    return tuple(sorted(reasons.values(), key=lambda one: -one.count))
