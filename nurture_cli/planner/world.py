"""The project laid out for SQL: every step of every campaign a numbered row in temporary tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nurture_cli.calendars import farthest
from nurture_cli.campaign.channels import Task
from nurture_cli.campaign.graph import Graph, GraphNode, build_graph, conditions_of
from nurture_cli.campaign.model import (
    ANY_STAGE,
    Again,
    Asset,
    Branch,
    Campaign,
    Config,
    Enter,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Send,
    SetFacts,
    Split,
    Step,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.language.expression import Condition
from nurture_cli.message.ingredients import of_assets, of_brief
from nurture_cli.planner.compile import Scope
from nurture_cli.planner.scores import scoring_of
from nurture_cli.project import Project
from nurture_cli.store.database import Connection
from nurture_cli.timing import Duration

END = "end"  # the kind of a node that closes a sequence; all others have the verbs of their steps
BRIEF = "handoff-brief"  # the name of the brief for Sales among those of assets


@dataclass(frozen=True)
class World:
    """A sound project with its campaigns numbered by name and its steps numbered through all campaigns."""

    project: Project
    config: Config
    campaigns: tuple[Campaign, ...]
    graphs: tuple[Graph, ...]
    offsets: tuple[int, ...]  # number of the first node of each campaign
    nodes: tuple[tuple[int, GraphNode], ...] = field(repr=False)  # (campaign_id, node) by number

    @property
    def zone(self) -> str:
        """The project's zone, for contacts without one."""
        return self.config.zone

    @property
    def closed(self) -> frozenset[str]:
        """Dates without sending."""
        return self.config.closed

    @property
    def assets(self) -> Mapping[str, Asset]:
        """Every asset by name."""
        return self.project.assets

    @cached_property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        """Asset name -> every name that counts as it."""
        members: dict[str, list[str]] = {}
        for asset in self.assets.values():
            members.setdefault(asset.family, []).append(asset.name)
        return {
            asset.name: tuple(dict.fromkeys((asset.family, *members[asset.family]))) for asset in self.assets.values()
        }

    @cached_property
    def scope(self) -> Scope:
        """How conditions are asked within a plan."""
        family_of = {asset.name: asset.family for asset in self.assets.values()}
        scoring = scoring_of(self.config, self.assets)
        return Scope(overlay=True, families=self.families, family_of=family_of, scoring=scoring)

    @cached_property
    def inside_campaigns(self) -> tuple[Condition, ...]:
        """Every condition that campaigns ask."""
        return tuple(one for some in map(inside, self.campaigns, self.graphs) for one in some)

    @cached_property
    def criteria(self) -> tuple[Condition, ...]:
        """The criteria of all stages that have any."""
        return tuple(stage.criteria for stage in self.config.funnel.stages if stage.criteria is not None)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of campaigns, criteria and signals; those of fit ask about the contact alone."""
        signals = tuple(signal.condition for signal in self.config.funnel.radar)
        return (*self.criteria, *signals, *self.inside_campaigns)

    def step(self, node: int) -> Step | None:
        """The step of a numbered node; None at the end of a sequence."""
        return self.nodes[node][1].step

    def way(self, node: int, name: str) -> int:
        """The number of the node at which a named way out begins."""
        campaign_id, local = self.nodes[node]
        return self.offsets[campaign_id] + local.way(name)

    def is_last(self, node: int) -> bool:
        """Whether nothing follows a node in its sequence."""
        campaign_id, local = self.nodes[node]
        return local.next == self.graphs[campaign_id].end[local.sequence]

    def number(self, campaign_id: int, step_id: str) -> int:
        """The number of a step of a campaign."""
        return self.offsets[campaign_id] + self.graphs[campaign_id].by_id[step_id]

    def duration(self, node: int) -> Duration | None:
        """The wait, the time-out or the cadence of a node."""
        match self.step(node):
            case Wait(duration=duration):
                return duration
            case WaitFor(within=within):
                return within
            case Stream(every=every):
                return every
            case Send() | Branch() | Split() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff() | None:
                return None


def build_world(project: Project) -> World:
    """Number the campaigns and steps of a sound project."""
    campaigns = tuple(project.campaigns[name] for name in sorted(project.campaigns))
    graphs = tuple(build_graph(campaign) for campaign in campaigns)
    offsets: list[int] = []
    nodes: list[tuple[int, GraphNode]] = []
    for campaign_id, graph in enumerate(graphs):
        offsets.append(len(nodes))
        nodes.extend((campaign_id, node) for node in graph.nodes)
    if project.config is None:
        raise AssertionError("a project without configuration is not sound")
    return World(project, project.config, campaigns, graphs, tuple(offsets), tuple(nodes))


def way_out(campaign: Campaign) -> list[Condition]:
    """The conditions that end an enrollment: exit and goal."""
    conditions = (campaign.exit, campaign.goal.condition if campaign.goal else None)
    return [condition for condition in conditions if condition is not None]


def at_the_door(campaign: Campaign) -> list[Condition]:
    """The conditions that decide who may enter: exit and goal bar the entry, too."""
    return [campaign.enter.condition, *way_out(campaign)]


def inside(campaign: Campaign, graph: Graph) -> Iterator[Condition]:
    """Every condition that is asked of the contacts in the campaign."""
    yield from at_the_door(campaign)
    yield from (rule.condition for rule in campaign.rules)
    for node in graph.nodes:
        if node.step is not None:
            yield from conditions_of(node.step)


def load_world(db: Connection, world: World) -> None:
    """Fill the temporary tables that describe the project."""
    stages = world.config.stages
    db.executemany("INSERT INTO temp.stage_rank VALUES (?, ?)", [(stage, rank) for rank, stage in enumerate(stages)])
    sales, won = world.config.funnel.sales, world.config.funnel.won
    if won is not None:
        db.executemany("INSERT INTO temp.bought VALUES (?)", [(stage,) for stage in stages[won:]])
    db.executemany(
        "INSERT INTO temp.campaign VALUES (?,?,?,?,?,?,?,?,?,?)",
        [_camp_row(*pair, world.closed) for pair in enumerate(world.campaigns)],
    )
    load_points(db, world)
    channels = world.config.channels
    made_from = of_assets(world.config, world.project.sources)
    db.executemany(
        "INSERT INTO temp.asset VALUES (?,?,?,?,?,?)",
        [
            (a.name, a.family, a.channel, int(channels[a.channel].settings.reaches_contact), a.expires, made_from(a))
            for a in world.assets.values()
        ],
    )
    # A brief that is a task is written down with the hand-off.
    if sales is not None and not isinstance(channels[sales.channel].settings, Task):
        db.execute(
            "INSERT INTO temp.asset VALUES (?, ?, ?, 0, NULL, ?)",
            (BRIEF, BRIEF, sales.channel, of_brief(world.config, channels[sales.channel])),
        )
    db.executemany(
        "INSERT OR IGNORE INTO temp.audience VALUES (?, ?)",
        [(asset.name, role) for asset in world.assets.values() for role in asset.roles],
    )
    for campaign_id, graph in enumerate(world.graphs):
        _load_graph(db, world, campaign_id, graph, stages)


def load_points(db: Connection, world: World) -> None:
    """Fill the table of how much interest each kind of event shows."""
    interest = world.config.funnel.interest
    db.executemany(
        "INSERT INTO temp.points VALUES (?, ?, ?)",
        [(kind, points, interest.per_day[kind]) for kind, points in sorted(interest.points.items())],
    )


def _camp_row(campaign_id: int, campaign: Campaign, closed: frozenset[str]) -> tuple[object, ...]:
    pace = campaign.pace
    return (
        campaign_id,
        campaign.name,
        campaign.priority,
        int(campaign.paused),
        campaign.once,
        campaign.hash,
        pace.if_late,
        pace.late_after.seconds,
        None if pace.gap is None else farthest(pace.gap, closed),
        _again_after(campaign.enter),
    )


def _again_after(enter: Enter) -> int | None:
    """How long after entry a contact may come in again; with ALWAYS, what it did inside may let it in at once."""
    match enter.again:
        case Again.NEVER:
            return None
        case Again.EVERY:
            return enter.every.seconds if enter.every else None
        case Again.ALWAYS:
            return 0


def _load_graph(db: Connection, world: World, campaign_id: int, graph: Graph, stages: tuple[str, ...]) -> None:
    offset = world.offsets[campaign_id]
    rows: list[tuple[object, ...]] = []
    offers: list[tuple[int, str]] = []
    for node in graph.nodes:
        step = node.step
        following = None if node.next is None else offset + node.next
        asset = step.asset if isinstance(step, Send) else None
        kind = END if step is None else step.verb
        step_id = None if step is None else step.id
        rows.append((offset + node.index, campaign_id, node.sequence, step_id, kind, following, asset))
        offers += [(offset + node.index, world.assets[offer.asset].channel) for offer in node.offers]
    db.executemany(
        "INSERT INTO temp.node (node, campaign_id, sequence, step, kind, next, asset) VALUES (?,?,?,?,?,?,?)", rows
    )
    db.executemany("INSERT OR IGNORE INTO temp.offer VALUES (?,?)", offers)
    places = {step_id: offset + index for step_id, index in graph.by_id.items()}
    moved = {old: places[new] for old, new in graph.campaign.moved.items() if new in places}
    db.executemany(
        "INSERT INTO temp.place VALUES (?,?,?)", [(campaign_id, step, node) for step, node in (moved | places).items()]
    )
    for stage in stages:
        sequence = stage if stage in graph.first else ANY_STAGE
        first = graph.first.get(sequence)
        empty = first is None or first == graph.end[sequence]
        db.execute(
            "INSERT INTO temp.route VALUES (?,?,?,?)",
            (campaign_id, stage, *((None, None) if empty or first is None else (sequence, offset + first))),
        )
