"""What leads into the stages of a funnel, and where contacts are in the hands of Sales."""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.diagnostic import Span
from nurture_cli.campaign.funnel import Funnel, Owner, Stage, StageKind
from nurture_cli.campaign.graph import Node
from nurture_cli.campaign.model import ANY_STAGE, Campaign, Handoff, MoveStage
from nurture_cli.check.survey import Survey


def has_criteria(funnel: Funnel) -> bool:
    """Whether the file says who stands where; without any criteria, people and imports do."""
    return any(stage.criteria is not None for stage in funnel.stages)


def kept_by_people(stage: Stage) -> bool:
    """Whether Sales answers for a stage, and moves people in and out by hand."""
    return stage.owner in (Owner.SALES, Owner.BOTH)


def moved_to(survey: Survey) -> frozenset[str]:
    """The stages to which a criterion, a step, a rule or a signal leads; what Sales does is left out."""
    funnel = survey.funnel
    found = {stage.name for stage in funnel.stages if stage.criteria is not None}
    found |= {signal.stage for signal in funnel.radar if signal.stage is not None}
    for graph in survey.graphs:
        found |= {rule.stage for rule in graph.campaign.rules if rule.stage is not None}
        found |= {node.step.stage for node in graph.nodes if isinstance(node.step, MoveStage)}
    for before, after in zip(funnel.stages, funnel.stages[1:], strict=False):
        if before.kind is StageKind.GATE and before.name in found:
            found.add(after.name)
    return frozenset(found)


def moved_by_sales(funnel: Funnel) -> frozenset[str]:
    """The stages to which the answers of Sales lead."""
    found = {edge.to for stage in funnel.stages for edge in stage.back}
    if funnel.sales is not None:
        found |= {stage for stage in (funnel.sales.accepted, funnel.sales.won) if stage is not None}
    return frozenset(found)


def handoff_steps(survey: Survey) -> Iterator[tuple[Campaign, Node]]:
    """Every step that hands contacts to Sales."""
    for graph in survey.graphs:
        for node in graph.nodes:
            if isinstance(node.step, Handoff):
                yield graph.campaign, node


def first_handoff(survey: Survey) -> tuple[Span, str] | None:
    """The first place at which contacts are handed to Sales, with its name: a stage if there is one, else a step."""
    for stage in survey.funnel.stages:
        if stage.handoff:
            return stage.span, f"stage `{stage.name}`"
    return next(((node.step.span, f"step `{node.step.id}`") for _, node in handoff_steps(survey) if node.step), None)


def with_sales(survey: Survey) -> tuple[Stage, ...]:
    """The stages in which a contact can be in the hands of Sales, in order."""
    funnel = survey.funnel
    names = {stage.name for stage in funnel.stages if stage.handoff}
    names |= {node.sequence for _, node in handoff_steps(survey) if node.sequence != ANY_STAGE}
    if not names:
        return ()
    end = last = max(funnel.rank(name) for name in names)
    if funnel.sales is not None and funnel.sales.accepted is not None:
        end = max(last, funnel.rank(funnel.sales.accepted))
    won = won_rank(funnel)
    if won is not None:
        end = won - 1
    begin = min([rank for rank, stage in enumerate(funnel.stages) if stage.handoff] or [last])
    return tuple(
        stage
        for rank, stage in enumerate(funnel.stages)
        if (stage.name in names or begin <= rank <= end) and stage.kind is not StageKind.GATE
    )


def won_rank(funnel: Funnel) -> int | None:
    """The place of the stage of those who bought; None where none is named."""
    if funnel.sales is None or funnel.sales.won is None:
        return None
    return funnel.rank(funnel.sales.won)


def ends_in(survey: Survey, campaign: Campaign, stage: str) -> str | None:
    """Why nobody who moves to a stage stays in a campaign, as a sentence without its end; None if they can."""
    funnel = survey.funnel
    won = won_rank(funnel)
    if campaign.objective == "new" and won is not None and funnel.rank(stage) >= won:
        return "who bought leaves every campaign for new contacts"
    if campaign.with_sales:
        return None
    accepted = funnel.sales.accepted if funnel.sales is not None else None
    for one in with_sales(survey):
        if one.name == stage and (one.handoff or (stage == accepted) or stage not in moved_to(survey)):
            by_step = not one.handoff and stage != accepted and not any(other.handoff for other in funnel.stages)
            return None if by_step else "contacts there are in the hands of Sales, and this campaign stops for them"
    return None
