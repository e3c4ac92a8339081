"""What being in a stage means for a campaign."""

from __future__ import annotations

from collections.abc import Sequence

from nurture_cli.campaign.model import Campaign
from nurture_cli.check.logic import implies
from nurture_cli.language.expression import Among, Compare, Condition, Expression, Field, Literal, Type
from nurture_cli.text.diagnostic import Span

_NOWHERE = Span("", 0, 0, 0)


def in_stage(stage: str) -> Expression:
    """The condition `stage == "…"`."""
    field = Field("stage", Type.TEXT, core=True, span=_NOWHERE)
    return Compare("==", field, Literal(stage, Type.TEXT, _NOWHERE), _NOWHERE)


def in_stages(stages: Sequence[str]) -> Expression:
    """The condition `stage in […]`."""
    field = Field("stage", Type.TEXT, core=True, span=_NOWHERE)
    return Among(field, tuple(Literal(stage, Type.TEXT, _NOWHERE) for stage in stages), _NOWHERE)


def lets_go(campaign: Campaign, who: Expression) -> Condition | None:
    """The exit or goal that every contact who meets `who` certainly meets as well, if there is one."""
    goal = None if campaign.goal is None else campaign.goal.condition
    for condition in (campaign.exit, goal):
        if condition is not None and implies(who, condition.body):
            return condition
    return None
