"""The conditions of campaigns and of the funnel, with what each of them decides, and the parts they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nurture_cli.campaign.funnel import Funnel
from nurture_cli.campaign.graph import steps_of
from nurture_cli.campaign.model import (
    Branch,
    Campaign,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Send,
    SetFacts,
    Split,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    Compare,
    Condition,
    Constant,
    Contains,
    Did,
    Expression,
    Fact,
    HasTag,
    InSegment,
    Literal,
    Missing,
    Not,
    Received,
    Told,
    Truth,
)

Leaf = Fact | Literal | Compare | Among | Contains | Missing | Truth | Constant


@dataclass(frozen=True, slots=True)
class ConditionUse:
    """One condition and what it decides, in words that follow `decides`."""

    condition: Condition
    decides: str


def uses(campaign: Campaign) -> Iterator[ConditionUse]:
    """Every condition of the campaign, in file order of their kinds."""
    yield ConditionUse(campaign.enter.condition, "who enters")
    if campaign.exit is not None:
        yield ConditionUse(campaign.exit, "who leaves")
    if campaign.goal is not None:
        yield ConditionUse(campaign.goal.condition, "whether the goal is met")
    for sequence in campaign.sequences:
        for step in steps_of(sequence.steps):
            match step:
                case Branch():
                    for arm in step.arms:
                        yield ConditionUse(arm.condition, "which arm is taken")
                case WaitFor():
                    yield ConditionUse(step.condition, "which way the wait ends")
                case Stream():
                    if step.until is not None:
                        yield ConditionUse(step.until, "when the stream ends")
                    for offer in step.offers:
                        if offer.condition is not None:
                            yield ConditionUse(offer.condition, "whether the asset is sent")
                case Send() | Wait() | Split() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff():
                    pass
    for rule in campaign.rules:
        yield ConditionUse(rule.condition, "whether the rule acts")


def funnel_uses(funnel: Funnel) -> Iterator[ConditionUse]:
    """Every condition of the funnel, in the order of the reference."""
    for stage in funnel.stages:
        if stage.criteria is not None:
            yield ConditionUse(stage.criteria, f"who comes to `{stage.name}`")
    for rule in funnel.fit:
        yield ConditionUse(rule.condition, "who matches the audience")
    for signal in funnel.radar:
        yield ConditionUse(signal.condition, f"which contacts the signal `{signal.name}` notices")


def facts(body: Expression, positive: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Every leaf of a condition, and whether it counts as it is (True) or by its opposite; segments written out."""
    match body:
        case Not():
            yield from facts(body.body, not positive)
        case All() | Any():
            for part in body.parts:
                yield from facts(part, positive)
        case InSegment():
            yield from facts(body.body, positive)
        case Compare():
            yield body, positive
            yield body.left, positive
            yield body.right, positive
        case Among():
            yield body, positive
            yield body.left, positive
        case Contains() | Truth():
            yield body, positive
            yield body.field, positive
        case Missing():
            yield body, positive
            yield body.operand, positive
        case Constant() | Did() | Received() | HasTag() | Burst():
            yield body, positive


def resting_on(body: Expression) -> Iterator[tuple[Fact, bool]]:
    """Every fact that a condition rests on, and whether it counts as it is (True) or by its opposite."""
    return ((leaf, positive) for leaf, positive in facts(body) if isinstance(leaf, Fact))


def has_event(body: Expression) -> bool:
    """Whether an event that happens can make the condition true."""
    return any(fact.moved_by_events and (positive or not isinstance(fact, Told)) for fact, positive in resting_on(body))
