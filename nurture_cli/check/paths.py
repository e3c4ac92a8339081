"""Ways through a campaign's graph: what can be reached, what is a loop, what nobody can avoid."""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.graph import Edges, Graph, GraphNode, onward
from nurture_cli.campaign.model import ANY_STAGE, MoveStage


def starts(graph: Graph) -> tuple[int, ...]:
    """Every index at which contacts come in: the first step of each sequence, and the targets of rules."""
    rules = (graph.by_id[rule.goto] for rule in graph.campaign.rules if rule.goto is not None)
    return tuple(dict.fromkeys((*graph.first.values(), *rules)))


def loops(graph: Graph, edges: Edges = onward) -> Iterator[tuple[int, ...]]:
    """The groups of steps that lead back to themselves, in file order (Tarjan, without recursion)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[tuple[int, ...]] = []
    for root in range(len(graph.nodes)):
        if root in order:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(edges(graph.nodes[root])))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            index, ahead = work[-1]
            for other in ahead:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(edges(graph.nodes[other]))))
                    break
                if other in on_stack:
                    low[index] = min(low[index], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[index])
                if low[index] == order[index]:
                    group = [stack.pop()]
                    while group[-1] != index:
                        group.append(stack.pop())
                    on_stack.difference_update(group)
                    if len(group) > 1 or index in edges(graph.nodes[index]):
                        found.append(tuple(sorted(group)))
    yield from sorted(found)


def moves_on(node: GraphNode, stages: tuple[str, ...]) -> bool:
    """Whether the step takes all contacts who are in their own stage's sequence out of it.

    Stages only move forward, so a move to the sequence's own stage or an earlier one changes nothing; in the `any`
    sequence it depends on the contact.
    """
    step = node.step
    if not isinstance(step, MoveStage) or node.sequence == ANY_STAGE:
        return False
    return stages.index(step.stage) > stages.index(node.sequence)
