"""A sound project with what several rules need, computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from nurture_cli.campaign.folder import LAYOUT_MARK
from nurture_cli.campaign.funnel import Funnel
from nurture_cli.campaign.graph import Graph, GraphNode, build_graph, onward
from nurture_cli.campaign.model import Asset, Campaign, Config
from nurture_cli.check.conditions import ConditionUse, funnel_uses, uses
from nurture_cli.check.funnel import Ways
from nurture_cli.check.logic import disjoint, implies, impossible
from nurture_cli.check.paths import moves_on
from nurture_cli.check.points import in_points
from nurture_cli.check.texts import TemplateText, texts_of
from nurture_cli.check.unfinished import Unfinished, unfinished
from nurture_cli.language.expression import Condition, Expression
from nurture_cli.places import CAMPAIGNS, TEMPLATES
from nurture_cli.project import Project
from nurture_cli.text.diagnostic import Span


@dataclass(frozen=True, slots=True)
class Sending:
    """One place of a campaign at which an asset is sent."""

    campaign: Campaign
    node: GraphNode
    asset: str
    span: Span


class Survey:
    """What the rules look at: the project, the instant of the question if there is one, and what follows from both."""

    def __init__(self, project: Project, config: Config, at: int | None = None) -> None:
        self.project = project
        self.config = config
        self.at = at
        self._lines: dict[str, list[str]] = {}

    @cached_property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Every campaign, by name."""
        return tuple(self.project.campaigns[name] for name in sorted(self.project.campaigns))

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """Every asset, by name."""
        return tuple(self.project.assets[name] for name in sorted(self.project.assets))

    @cached_property
    def all_campaigns_read(self) -> bool:
        """Whether every campaign file could be read, so that nothing happens that the rules do not see."""
        return all(not finding.span.file.startswith(f"{CAMPAIGNS}/") for finding in self.project.errors)

    @property
    def funnel(self) -> Funnel:
        """The buyer stages and all that belongs to them."""
        return self.config.funnel

    @cached_property
    def ways(self) -> Ways:
        """How contacts come from stage to stage."""
        return Ways(self.funnel, self.graphs)

    @cached_property
    def uses(self) -> tuple[ConditionUse, ...]:
        """Every condition of the campaigns and of the funnel with what it decides."""
        in_campaigns = (use for campaign in self.campaigns for use in uses(campaign))
        return (*in_campaigns, *funnel_uses(self.funnel))

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, those of the segments too."""
        return (*(use.condition for use in self.uses), *(one.condition for one in self.config.segments.values()))

    @cached_property
    def mails(self) -> tuple[Asset, ...]:
        """The assets that go out as mail."""
        channels = self.config.channels
        return tuple(asset for asset in self.assets if channels[asset.channel].settings.is_mail)

    @cached_property
    def graphs(self) -> tuple[Graph, ...]:
        """The graph of every campaign, by name."""
        return tuple(build_graph(campaign) for campaign in self.campaigns)

    @cached_property
    def sendings(self) -> tuple[Sending, ...]:
        """Every place at which an asset that could be read is sent, by campaign and place in the file."""
        return tuple(
            sending for graph in self.graphs for sending in _sendings(graph) if sending.asset in self.project.assets
        )

    @cached_property
    def partials(self) -> Mapping[str, str]:
        """The text of every layout and partial, by file."""
        begin = f"{TEMPLATES}/{LAYOUT_MARK}"
        return {file: text for file, text in self.project.sources.items() if file.startswith(begin)}

    @cached_property
    def texts(self) -> tuple[TemplateText, ...]:
        """Every template text of the project."""
        return tuple(texts_of(self.assets, self.partials, self.line))

    @cached_property
    def unfinished(self) -> tuple[Unfinished, ...]:
        """Every placeholder that would leave the machine."""
        return tuple(unfinished(self.project, self.config, self.texts, self.line))

    def implies(self, first: Expression, second: Expression) -> bool:
        """Whether every contact for whom `first` holds meets `second` as well, by the grades of the project."""
        return implies(in_points(first, self.funnel.grades), in_points(second, self.funnel.grades))

    def disjoint(self, first: Expression, second: Expression) -> bool:
        """Whether no contact can meet both, by the grades of the project."""
        return disjoint(in_points(first, self.funnel.grades), in_points(second, self.funnel.grades))

    def impossible(self, body: Expression) -> bool:
        """Whether no contact can meet it, by the grades of the project."""
        return impossible(in_points(body, self.funnel.grades))

    def line(self, file: str, number: int) -> str:
        """A line of a file of the project, counted from 1; empty when there is none."""
        if file not in self._lines:
            self._lines[file] = self.project.sources.get(file, "").split("\n")
        lines = self._lines[file]
        return lines[number - 1] if number <= len(lines) else ""

    def sendings_of(self, campaign: Campaign) -> tuple[Sending, ...]:
        """The places of one campaign at which an asset is sent."""
        return tuple(sending for sending in self.sendings if sending.campaign is campaign)

    @cached_property
    def used(self) -> Mapping[str, tuple[Sending, ...]]:
        """Asset name -> where it is sent, without assets that are sent nowhere."""
        by_asset: dict[str, list[Sending]] = {}
        for sending in self.sendings:
            by_asset.setdefault(sending.asset, []).append(sending)
        return {name: tuple(places) for name, places in by_asset.items()}

    def leads_to(self, node: GraphNode) -> tuple[int, ...]:
        """Where contacts go on within the sequence; nowhere after a step that takes all of them to another stage."""
        return () if moves_on(node, self.config.stages) else onward(node)


def _sendings(graph: Graph) -> Iterator[Sending]:
    for node in graph.nodes:
        for offer in node.offers:
            yield Sending(graph.campaign, node, offer.asset, offer.span)
