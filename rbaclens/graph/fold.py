"""Smaller graphs that say the same, or say what they left out."""

from __future__ import annotations

from collections import Counter, defaultdict

from rbaclens.graph.model import Attributes, Edge, Graph, Node

PLURALS = {
    "user": "users",
    "group": "groups",
    "service-account": "service accounts",
    "node-user": "nodes",
    "scope": "namespaces",
    "grant": "grants",
    "binding": "bindings",
    "pod": "pods",
    "secret": "secrets",
    "role": "roles",
    "permission": "permissions",
    "abac-line": "ABAC lines",
    "workload": "workloads",
    "node": "nodes",
    "foothold": "footholds",
    "sink": "sinks",
}
"""What several nodes of a kind are called."""

_NAMED = 3


SUBJECTS = frozenset({"user", "group", "service-account", "node-user"})


def merge_equals(graph: Graph, keep: frozenset[str] = frozenset()) -> Graph:
    """Subjects of one kind that have the same edges to the same nodes become one, with all of them as its members.

    By which binding somebody holds something may differ: rights are merged, not bindings. ``keep`` names nodes to leave alone.
    """
    outward: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    inward: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for edge in graph.edges:
        outward[edge.source].append((">", edge.kind, edge.target, edge.label))
        inward[edge.target].append(("<", edge.kind, edge.source, edge.label))
    alike: dict[tuple[str, frozenset[tuple[str, str, str, str]]], list[Node]] = defaultdict(list)
    for node in graph.nodes:
        if node.kind in SUBJECTS and node.id not in keep:
            alike[node.kind, frozenset((*outward[node.id], *inward[node.id]))].append(node)
    groups = [nodes for nodes in alike.values() if len(nodes) > 1]
    if not groups:
        return graph
    count = sum(map(len, groups))
    return _replaced(graph, groups, f"{count} subjects with equal rights are drawn as {len(groups)} (--no-merge keeps them apart)")


def limit(graph: Graph, most: int, keep: frozenset[str] = frozenset()) -> Graph:
    """At most ``most`` nodes: ``keep``, sinks, and of each kind those with most edges are kept; the others become one node.

    The size counts the nodes that stand for others; one for each kind there is in any case.
    """
    if len(graph.nodes) <= most:
        return graph
    degree: Counter[str] = Counter()
    for edge in graph.edges:
        degree[edge.source] += 1
        degree[edge.target] += 1
    kinds = len({node.kind for node in graph.nodes})
    place: Counter[str] = Counter()
    order: dict[str, tuple[bool, bool, int]] = {}
    for node in sorted(graph.nodes, key=lambda node: (-degree[node.id], node.id)):
        place[node.kind] += 1
        order[node.id] = node.id not in keep, node.kind != "sink", place[node.kind]
    # In turns from each kind: who holds something without what they hold would say nothing.
    ranked = sorted(graph.nodes, key=lambda node: (order[node.id], node.kind, node.id))
    kept = {node.id for node in ranked[: max(most - kinds, 0)]}
    rest: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        if node.id not in kept:
            rest[node.kind].append(node)
    groups = [nodes for nodes in rest.values() if len(nodes) > 1]
    if not groups:
        return graph
    away = sum(map(len, groups))
    named = ", ".join(f"{len(nodes)} {PLURALS.get(nodes[0].kind, nodes[0].kind)}" for nodes in groups)
    note = f"{away} nodes with few edges are folded ({named}); --max-nodes {len(graph.nodes)} shows all"
    return _replaced(graph, groups, note, labels=False)


def _replaced(graph: Graph, groups: list[list[Node]], note: str, labels: bool = True) -> Graph:
    """The graph with one node in the place of each group; edges that come to lie on one another become one.

    Edges that differ in their label stay apart, unless ``labels`` do not matter.
    """
    instead: dict[str, str] = {}
    nodes: list[Node] = []
    for members in groups:
        merged = _merged(members)
        nodes.append(merged)
        instead.update((node.id, merged.id) for node in members)
    nodes += [node for node in graph.nodes if node.id not in instead]
    edges: dict[tuple[str, str, str, str], list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        source, target = instead.get(edge.source, edge.source), instead.get(edge.target, edge.target)
        edges[source, target, edge.kind, edge.label if labels else ""].append(edge)
    ordered = [_bundled(key, edges[key]) for key in sorted(edges)]
    return Graph(graph.name, sorted(nodes, key=lambda node: node.id), ordered, (*graph.notes, note))


def _bundled(key: tuple[str, str, str, str], edges: list[Edge]) -> Edge:
    """One edge for several: it says what they all say, and how many they are."""
    source, target, kind, _ = key
    first = edges[0]
    if len(edges) == 1:
        return Edge(source, target, kind, first.label, first.attributes)
    attributes = {name: value for name, value in first.attributes.items() if all(one.attributes.get(name) == value for one in edges[1:])}
    attributes["count"] = sum(int(one.attributes.get("count", 1)) for one in edges)
    return Edge(source, target, kind, first.label if all(one.label == first.label for one in edges) else "", attributes)


def _merged(members: list[Node]) -> Node:
    if len(members) == 1:
        return members[0]
    first = members[0]
    labels = sorted(str(node.attributes.get("members", node.label)) for node in members)
    count = sum(int(node.attributes.get("count", 1)) for node in members)
    shown = ", ".join(labels[:_NAMED]) + (", …" if len(labels) > _NAMED else "")
    attributes: Attributes = {"members": ", ".join(labels), "count": count}
    return Node(f"{first.kind}s:{first.id}+{count - 1}", first.kind, f"{count} {PLURALS.get(first.kind, first.kind)}: {shown}", attributes)
