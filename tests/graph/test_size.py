"""Smaller graphs say the same, or say what they left out."""

from __future__ import annotations

from collections import defaultdict

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.graph.fold import SUBJECTS, limit, merge_equals
from rbaclens.graph.model import Edge, Graph, Node
from rbaclens.graph.select import focus, named, nearest, touching
from rbaclens.graph.view import View
from rbaclens.graph.who_can_what import who_can_what
from rbaclens.index.engine import Engine
from rbaclens.model.pattern import Pattern


def drawn(policy, level="rule"):
    """The graph of a policy."""
    return who_can_what(Engine(policy), View(level=level))


def says(graph):
    """What each node's edges say: kind, other end, label."""
    found = defaultdict(set)
    for edge in graph.edges:
        found[edge.source].add((edge.kind, edge.target, edge.label))
    return found


@given(strategies.policies(max_bindings=12))
@settings(max_examples=100, deadline=None)
def test_merging_keeps_rights(policy):
    """Each subject is drawn once, alone or as a member, and what it is drawn with has exactly its edges."""
    graph = drawn(policy)
    merged = merge_equals(graph)
    before, after = says(graph), says(merged)
    labels = {}
    for node in (node for node in merged.nodes if node.kind in SUBJECTS):
        for label in str(node.attributes.get("members", node.label)).split(", "):
            assert (node.kind, label) not in labels
            labels[node.kind, label] = node.id
    instead = {node.id: labels[node.kind, node.label] for node in graph.nodes if node.kind in SUBJECTS}
    for old, new in instead.items():
        assert {(kind, instead.get(target, target), label) for kind, target, label in before[old]} == after[new]
    assert sum(int(node.attributes.get("count", 1)) for node in merged.nodes) == len(graph.nodes)


@given(strategies.policies(max_bindings=12))
@settings(max_examples=60, deadline=None)
def test_merging_merges_all_equals(policy):
    """After merging, no two subjects of one kind have the same edges."""
    merged = merge_equals(drawn(policy))
    edges = defaultdict(set)
    for edge in merged.edges:
        edges[edge.source].add((">", edge.kind, edge.target, edge.label))
        edges[edge.target].add(("<", edge.kind, edge.source, edge.label))
    seen = [(node.kind, frozenset(edges[node.id])) for node in merged.nodes if node.kind in SUBJECTS]
    # A group and its only member can become alike once others were merged; one round is what is promised.
    assert len(set(seen)) == len(seen) or merge_equals(merged).notes


@given(strategies.policies(max_bindings=12), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_a_limited_graph_says_what_it_folded(policy, most):
    """At most so many nodes (one of each kind at least); the note's number is true; nothing that was joined comes apart."""
    graph = drawn(policy)
    smaller = limit(graph, most)
    kinds = {node.kind for node in graph.nodes}
    assert len(smaller.nodes) <= max(most, len(kinds))
    assert sum(int(node.attributes.get("count", 1)) for node in smaller.nodes) == len(graph.nodes)
    if len(graph.nodes) <= most:
        assert smaller is graph
        return
    if smaller is graph:
        assert len(graph.nodes) == len(kinds)
        return
    kept = {node.id for node in smaller.nodes} & graph.position.keys()
    away = len(graph.nodes) - len(kept)
    assert smaller.notes[-1].startswith(f"{away} nodes with few edges are folded (")
    assert f"--max-nodes {len(graph.nodes)} shows all" in smaller.notes[-1]
    assert sum(int(edge.attributes.get("count", 1)) for edge in smaller.edges) == len(graph.edges)


def test_what_is_asked_for_is_never_folded():
    """The focus stays itself, in merging and in folding."""
    nodes = [Node(f"user:u{n}", "user", f"u{n}") for n in range(50)] + [Node("may:x", "permission", "x")]
    graph = Graph("g", sorted(nodes, key=lambda node: node.id), [Edge(f"user:u{n}", "may:x", "may") for n in range(50)])
    keep = frozenset({"user:u37"})
    smaller = limit(merge_equals(graph, keep), 3, keep)
    assert "user:u37" in smaller.position
    assert {node.attributes.get("count") for node in smaller.nodes} >= {49}


@given(strategies.policies(), st.integers(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_focus_is_a_neighbourhood(policy, hops, random):
    """With --focus and --hops exactly the nodes stay that so many edges, either way, lead to; and all edges between them."""
    import networkx

    graph = drawn(policy)
    if not graph.nodes:
        return
    start = random.choice(graph.nodes).id
    smaller = focus(graph, [start], hops, start)
    near = networkx.single_source_shortest_path_length(graph.to_networkx().to_undirected(), start, cutoff=hops)
    assert {node.id for node in smaller.nodes} == set(near)
    assert list(smaller.edges) == [edge for edge in graph.edges if edge.source in near and edge.target in near]
    away = len(graph.nodes) - len(near)
    assert smaller.notes == (
        *graph.notes,
        *([f"{away} nodes that are more than {hops} step{'s' * (hops != 1)} from {start} are left out"] * bool(away)),
    )


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("sa:shop/web", ["sa:shop/web"]),
        ("system:serviceaccount:shop:web", ["sa:shop/web"]),
        ("shop/web", ["sa:shop/web"]),
        ("bob", ["user:bob"]),
        ("view", ["grant:*:clusterrole:view", "grant:shop:clusterrole:view"]),
        ("clusterrole:view", ["grant:*:clusterrole:view", "grant:shop:clusterrole:view"]),
        ("nobody", []),
    ],
)
def test_words_of_a_focus(word, found):
    """A subject or role is found by its id, by the name people give it, and a role in all scopes where it is held."""
    nodes = [
        Node("grant:*:clusterrole:view", "grant", "ClusterRole view everywhere", {"role": "ClusterRole view", "scope": "*"}),
        Node("grant:shop:clusterrole:view", "grant", "ClusterRole view in shop", {"role": "ClusterRole view", "scope": "shop"}),
        Node("sa:shop/web", "service-account", "shop/web", {"namespace": "shop", "name": "web"}),
        Node("user:bob", "user", "bob", {"name": "bob"}),
    ]
    graph = Graph("g", nodes, [])
    assert named(graph, word) == found
    assert nearest(graph, "bobb") == ("bob",)


def test_a_resource_is_met_by_stars_too():
    """The focus on a resource means whatever covers it: the resource, a star, and not another one."""
    star = Node("may:*:*:*", "permission", "* everywhere", {"api_group": "*", "resource": "*", "scope": "*"})
    secrets = Node("may:shop::secrets", "permission", "secrets in shop", {"api_group": "", "resource": "secrets", "scope": "shop"})
    pods = Node("may:shop::pods", "permission", "pods in shop", {"api_group": "", "resource": "pods", "scope": "shop"})
    path = Node("path:/x", "permission", "/x", {"path": "/x", "scope": "*"})
    graph = Graph("g", [star, secrets, pods, path], [])
    assert touching(graph, Pattern(None, "secrets", "", None, None, None)) == ["may:*:*:*", "may:shop::secrets"]
    assert touching(graph, Pattern(None, path="/x")) == ["path:/x"]
