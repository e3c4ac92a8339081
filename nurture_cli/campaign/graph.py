"""A campaign as a graph: every step is a node that knows what comes after it.

Nested blocks converge: the last step of an arm leads to the step after the branch. Each sequence closes with an END
node, where contacts wait until content is appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from nurture_cli.campaign.model import (
    Branch,
    Campaign,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Offer,
    Send,
    SetFacts,
    Split,
    Step,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.language.expression import Condition


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One step in its place; `step` is None at the END of a sequence.

    `next` is the index of what follows when the step is done (None: nothing does, at END, exit and goto). `ways`
    are the named ways out that the step itself decides on: arms by number and `else`, `then`/`else`, split arms by
    name, and `goto`.
    """

    index: int
    sequence: str
    step: Step | None
    next: int | None
    ways: tuple[tuple[str, int], ...] = ()

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What the step may send."""
        return () if self.step is None else self.step.offers

    def way(self, name: str) -> int:
        """The index at which the named way begins."""
        return dict(self.ways)[name]


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of one campaign; `first` and `end` by sequence, `by_id` by step id."""

    campaign: Campaign
    nodes: tuple[GraphNode, ...]
    first: Mapping[str, int]
    end: Mapping[str, int]
    by_id: Mapping[str, int]

    def find(self, step_id: str) -> GraphNode | None:
        """The node of a step id, even of one renamed under `moved:`; None if the file has no such step."""
        index = self.by_id.get(self.campaign.moved.get(step_id, step_id))
        return None if index is None else self.nodes[index]


def onward(node: GraphNode) -> tuple[int, ...]:
    """Where contacts go on from a step: by its own ways if it has any, else to what follows."""
    if node.ways:
        return tuple(dict.fromkeys(index for _, index in node.ways))
    return () if node.next is None else (node.next,)


Edges = Callable[[GraphNode], tuple[int, ...]]


def reach(
    graph: Graph, begin: Iterable[int], edges: Edges = onward, without: frozenset[int] = frozenset()
) -> frozenset[int]:
    """Every index on a way from `begin`, including itself, that does not lead through `without`."""
    seen: set[int] = set()
    ahead = list(begin)
    while ahead:
        index = ahead.pop()
        if index in seen or index in without:
            continue
        seen.add(index)
        ahead.extend(edges(graph.nodes[index]))
    return frozenset(seen)


def steps_of(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step of a list and of the lists nested in it, in file order."""
    for step in steps:
        yield step
        for _, nested in arms_of(step):
            yield from steps_of(nested)


def arms_of(step: Step) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """The nested lists of a step with the names of their ways."""
    match step:
        case Branch():
            arms = tuple((str(number), arm.steps) for number, arm in enumerate(step.arms, 1))
            return (*arms, ("else", step.otherwise))
        case WaitFor():
            return (("then", step.then), ("else", step.otherwise))
        case Split():
            return tuple((arm.name, arm.steps) for arm in step.arms)
        case Send() | Wait() | Stream() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff():
            return ()


def conditions_of(step: Step) -> tuple[Condition, ...]:
    """The conditions of a step itself, in file order."""
    match step:
        case Branch():
            return tuple(arm.condition for arm in step.arms)
        case WaitFor():
            return (step.condition,)
        case Stream():
            conditions = (step.until, *(offer.condition for offer in step.offers))
            return tuple(condition for condition in conditions if condition is not None)
        case Send() | Wait() | Split() | SetFacts() | MoveStage() | Goto() | Exit() | Handoff():
            return ()


def build_graph(campaign: Campaign) -> Graph:
    """Lay out a campaign; goto targets must be bound (the parser saw to it)."""
    order: list[tuple[str, Step | None]] = []
    end: dict[str, int] = {}
    index_of: dict[str, int] = {}
    for sequence in campaign.sequences:
        for step in steps_of(sequence.steps):
            index_of[step.id] = len(order)
            order.append((sequence.stage, step))
        end[sequence.stage] = len(order)
        order.append((sequence.stage, None))
    follows: dict[str, int] = {}
    for sequence in campaign.sequences:
        _link(sequence.steps, end[sequence.stage], index_of, follows)
    nodes = tuple(_node(index, stage, step, index_of, follows) for index, (stage, step) in enumerate(order))
    first = {
        sequence.stage: index_of[sequence.steps[0].id] if sequence.steps else end[sequence.stage]
        for sequence in campaign.sequences
    }
    return Graph(campaign, nodes, first, end, index_of)


def _link(steps: tuple[Step, ...], after: int, index_of: Mapping[str, int], follows: dict[str, int]) -> None:
    for position, step in enumerate(steps):
        follows[step.id] = index_of[steps[position + 1].id] if position + 1 < len(steps) else after
        for _, nested in arms_of(step):
            _link(nested, follows[step.id], index_of, follows)


def _node(
    index: int, stage: str, step: Step | None, index_of: Mapping[str, int], follows: Mapping[str, int]
) -> GraphNode:
    if step is None:
        return GraphNode(index, stage, None, None)
    ways = tuple((name, index_of[nested[0].id] if nested else follows[step.id]) for name, nested in arms_of(step))
    match step:
        case Goto():
            return GraphNode(index, stage, step, None, (("goto", index_of[step.target]),))
        case Exit():
            return GraphNode(index, stage, step, None)
        case Send() | Wait() | WaitFor() | Stream() | Branch() | Split() | SetFacts() | MoveStage() | Handoff():
            return GraphNode(index, stage, step, follows[step.id], ways)
