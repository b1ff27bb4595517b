"""Smaller graphs that say the same, or say what they left out."""

from __future__ import annotations

from collections import Counter, defaultdict

from rbaclens.graph.model import Attributes, Edge, Graph, Node

_PLURALS = {
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
_NAMED = 3


def merge_equals(graph: Graph, kinds: frozenset[str] = frozenset({"user", "group", "service-account", "node-user"})) -> Graph:
    """Nodes of one kind that have the same edges to the same nodes become one, with all of them as its members.

    By which binding somebody holds something may differ: rights are merged, not bindings.
    """
    outward: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    inward: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for edge in graph.edges:
        outward[edge.source].append((">", edge.kind, edge.target, edge.label))
        inward[edge.target].append(("<", edge.kind, edge.source, edge.label))
    alike: dict[tuple[str, frozenset[tuple[str, str, str, str]]], list[Node]] = defaultdict(list)
    for node in graph.nodes:
        if node.kind in kinds:
            alike[node.kind, frozenset((*outward[node.id], *inward[node.id]))].append(node)
    groups = [nodes for nodes in alike.values() if len(nodes) > 1]
    if not groups:
        return graph
    count = sum(map(len, groups))
    return _replaced(graph, groups, f"{count} subjects with equal rights are drawn as {len(groups)}")


def limit(graph: Graph, most: int) -> Graph:
    """At most ``most`` nodes: those with most edges are kept, of each kind the others become one node.

    The size counts the nodes that stand for others.
    """
    if len(graph.nodes) <= most:
        return graph
    degree: Counter[str] = Counter()
    for edge in graph.edges:
        degree[edge.source] += 1
        degree[edge.target] += 1
    kinds = len({node.kind for node in graph.nodes})
    ranked = sorted(graph.nodes, key=lambda node: (node.kind != "sink", -degree[node.id], node.id))
    kept = {node.id for node in ranked[: max(most - kinds, 0)]}
    rest: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        if node.id not in kept:
            rest[node.kind].append(node)
    groups = list(rest.values())
    away = sum(map(len, groups))
    named = ", ".join(f"{len(nodes)} {_PLURALS.get(nodes[0].kind, nodes[0].kind)}" for nodes in groups)
    return _replaced(graph, groups, f"{away} nodes with few edges are folded ({named}); --max-nodes {len(graph.nodes)} shows all")


def _replaced(graph: Graph, groups: list[list[Node]], note: str) -> Graph:
    """The graph with one node in the place of each group; edges that come to lie on one another become one."""
    instead: dict[str, str] = {}
    nodes: list[Node] = []
    for members in groups:
        merged = _merged(members)
        nodes.append(merged)
        instead.update((node.id, merged.id) for node in members)
    nodes += [node for node in graph.nodes if node.id not in instead]
    edges: dict[tuple[str, str, str, str], Edge] = {}
    for edge in graph.edges:
        source, target = instead.get(edge.source, edge.source), instead.get(edge.target, edge.target)
        moved = source is not edge.source or target is not edge.target
        edges.setdefault(
            (source, target, edge.kind, edge.label),
            Edge(source, target, edge.kind, edge.label, _common(edge.attributes)) if moved else edge,
        )
    return Graph(graph.name, sorted(nodes, key=lambda node: node.id), [edges[key] for key in sorted(edges)], (*graph.notes, note))


def _common(attributes: Attributes) -> Attributes:
    """What an edge of several nodes still says: not by which binding, which differs."""
    return {key: value for key, value in attributes.items() if key != "by"}


def _merged(members: list[Node]) -> Node:
    if len(members) == 1:
        return members[0]
    first = members[0]
    labels = sorted(node.label for node in members)
    count = sum(int(node.attributes.get("count", 1)) for node in members)
    shown = ", ".join(labels[:_NAMED]) + (", …" if len(labels) > _NAMED else "")
    attributes: Attributes = {"members": ", ".join(labels), "count": count}
    return Node(f"{first.kind}s:{first.id}+{count - 1}", first.kind, f"{count} {_PLURALS.get(first.kind, first.kind)}: {shown}", attributes)
