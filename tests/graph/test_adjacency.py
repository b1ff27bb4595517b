"""Searching arrays of numbers finds what networkx finds."""

from __future__ import annotations

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.graph.adjacency import Adjacency

SIZE = 12
edges = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(0, 4)), max_size=40)
starts = st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=3)


def both(given_edges):
    """The same graph twice."""
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(range(SIZE))
    graph.add_weighted_edges_from(given_edges)
    return graph, Adjacency(SIZE, [one for one, _, _ in given_edges], [two for _, two, _ in given_edges])


@given(edges, starts)
@settings(max_examples=100, deadline=None)
def test_reach(given_edges, start):
    """What is reached from some nodes, and what reaches them, is what networkx's descendants and ancestors are."""
    graph, own = both(given_edges)
    down = set(start).union(*(networkx.descendants(graph, node) for node in start))
    up = set(start).union(*(networkx.ancestors(graph, node) for node in start))
    assert {node for node, is_met in enumerate(own.reached_from(start)) if is_met} == down
    assert {node for node, is_met in enumerate(own.reaching(start)) if is_met} == up


@given(edges, starts)
@settings(max_examples=100, deadline=None)
def test_cheapest(given_edges, start):
    """The cheapest way costs what Dijkstra's costs in networkx, and each node's last edge leads to it for that cost."""
    graph, own = both(given_edges)
    costs = [cost for _, _, cost in given_edges]
    found, by = own.forward.cheapest(start, costs)
    expected = networkx.multi_source_dijkstra_path_length(graph, set(start))
    assert {node: cost for node, cost in enumerate(found) if cost >= 0} == expected
    for node, edge in enumerate(by):
        if edge >= 0:
            source, target, cost = given_edges[edge]
            assert target == node
            assert found[source] + cost == found[node]
