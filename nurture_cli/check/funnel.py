"""What leads into the stages of a funnel, and where contacts are with Sales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nurture_cli.campaign.funnel import Funnel, Owner, Stage
from nurture_cli.campaign.graph import Graph
from nurture_cli.campaign.model import ANY_STAGE, Campaign, Handoff, MoveStage, Objective
from nurture_cli.text.diagnostic import Span


@dataclass(frozen=True)
class Ways:
    """The ways between the stages of a funnel that the files of a project make."""

    funnel: Funnel
    graphs: tuple[Graph, ...]

    @cached_property
    def has_criteria(self) -> bool:
        """Whether the file decides stages by criteria; without any, people and imports do."""
        return any(stage.criteria is not None for stage in self.funnel.stages)

    @cached_property
    def moved_to(self) -> frozenset[str]:
        """The stages to which a criterion, a step, a rule or a signal leads, without what Sales does."""
        found = {stage.name for stage in self.funnel.stages if stage.criteria is not None}
        found |= {signal.stage for signal in self.funnel.radar if signal.stage is not None}
        for graph in self.graphs:
            found |= {rule.stage for rule in graph.campaign.rules if rule.stage is not None}
            found |= {node.step.stage for node in graph.nodes if isinstance(node.step, MoveStage)}
        for before, after in zip(self.funnel.stages, self.funnel.stages[1:], strict=False):
            if before.is_gate and before.name in found:
                found.add(after.name)
        return frozenset(found)

    @cached_property
    def moved_by_sales(self) -> frozenset[str]:
        """The stages to which the answers of Sales lead."""
        found = {edge.to for stage in self.funnel.stages for edge in stage.back}
        if self.funnel.sales is not None:
            found |= {stage for stage in (self.funnel.sales.accepted, self.funnel.sales.won) if stage is not None}
        return frozenset(found)

    @cached_property
    def handoff_steps(self) -> tuple[tuple[str, Handoff], ...]:
        """Every step that hands contacts to Sales, with the stage of its sequence."""
        return tuple(
            (node.sequence, node.step)
            for graph in self.graphs
            for node in graph.nodes
            if isinstance(node.step, Handoff)
        )

    @cached_property
    def first_handoff(self) -> tuple[Span, str] | None:
        """The first place at which contacts are handed to Sales, with its name: a stage if there is one, or a step."""
        for stage in self.funnel.stages:
            if stage.handoff:
                return stage.span, f"stage `{stage.name}`"
        return next(((step.span, f"step `{step.id}`") for _, step in self.handoff_steps), None)

    @cached_property
    def with_sales(self) -> tuple[Stage, ...]:
        """The stages in which a contact can be with Sales, in order."""
        return tuple(stage for rank, stage in enumerate(self.funnel.stages) if rank in set(self._sales_ranks()))

    def _sales_ranks(self) -> Iterator[int]:
        """From the first stage that hands over up to the purchase, and wherever a step hands over."""
        funnel = self.funnel
        handing = [rank for rank, stage in enumerate(funnel.stages) if stage.handoff]
        yield from (funnel.rank(stage) for stage, _ in self.handoff_steps if stage != ANY_STAGE)
        if handing or self.handoff_steps:
            accepted = funnel.sales.accepted if funnel.sales is not None else None
            last = max([*handing, funnel.rank(accepted) if accepted is not None else -1])
            begin = handing[0] if handing else last
            end = self.funnel.won - 1 if self.funnel.won is not None else last
            if begin >= 0:
                yield from range(begin, end + 1)

    def ends_in(self, campaign: Campaign, stage: str) -> bool:
        """Whether no contact in a stage stays in a campaign: they bought, or are with Sales."""
        if (
            campaign.objective is Objective.NEW
            and self.funnel.won is not None
            and self.funnel.rank(stage) >= self.funnel.won
        ):
            return True
        return not campaign.with_sales and stage in self._only_with_sales

    @cached_property
    def _only_with_sales(self) -> frozenset[str]:
        """The stages that contacts reach only by a hand-off or what follows it."""
        handing = [rank for rank, stage in enumerate(self.funnel.stages) if stage.handoff]
        if not handing:
            return frozenset()
        accepted = self.funnel.sales.accepted if self.funnel.sales is not None else None
        return frozenset(
            stage.name
            for stage in self.with_sales
            if stage.handoff
            or stage.name == accepted
            or (self.funnel.rank(stage.name) > handing[0] and stage.name not in self.moved_to)
        )


def kept_by_people(stage: Stage) -> bool:
    """Whether Sales is responsible for a stage, and moves contacts in and out by hand."""
    return stage.owner in (Owner.SALES, Owner.BOTH)
