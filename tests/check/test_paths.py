"""Ways through random graphs, compared with the plainest way to find them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.graph import Graph, GraphNode, onward, reach
from nurture_cli.check.paths import loops
from tests.examples import examples

edge_lists = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size)
)


def graph_of(edges: list[list[int]]) -> Graph:
    nodes = tuple(
        GraphNode(index, "any", None, None, tuple((str(number), way) for number, way in enumerate(ways)))
        for index, ways in enumerate(edges)
    )
    return Graph(None, nodes, {}, {}, {})  # type: ignore[arg-type]  # no campaign is asked for


def after(graph: Graph, index: int) -> frozenset[int]:
    """Every index that lies at least one step behind."""
    return reach(graph, onward(graph.nodes[index]))


@given(edge_lists)
@settings(max_examples=examples(300), deadline=None)
def test_the_loops_are_the_groups_of_steps_that_reach_themselves_and_each_other(edges: list[list[int]]) -> None:
    graph = graph_of(edges)
    everywhere = range(len(edges))
    naive = {
        frozenset(other for other in everywhere if other in after(graph, index) and index in after(graph, other))
        for index in everywhere
        if index in after(graph, index)
    }

    found = list(loops(graph))
    assert {frozenset(loop) for loop in found} == naive
    assert len(found) == len(naive)
    assert found == sorted(found)


@given(edge_lists, st.sets(st.integers(0, 6)))
@settings(max_examples=examples(200), deadline=None)
def test_what_is_left_out_is_not_passed_through(edges: list[list[int]], without: set[int]) -> None:
    kept = [[way for way in ways if way not in without] if at not in without else [] for at, ways in enumerate(edges)]

    found = reach(graph_of(edges), [0], without=frozenset(without))
    assert found == (frozenset() if 0 in without else reach(graph_of(kept), [0]))


def test_twenty_thousand_steps_in_a_row_are_no_trouble() -> None:
    size = 20_000
    row = [[index + 1] for index in range(size - 1)]

    (loop,) = loops(graph_of([*row, [0]]))
    assert len(loop) == size
    assert list(loops(graph_of([*row, []]))) == []
