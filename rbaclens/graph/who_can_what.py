"""Who can what: everybody whom policy names, and what they hold, by name or by the groups that they are in.

Nothing is expanded: a star is a permission of its own. A request is allowed if and only if somebody, or a group that they are
in, has an edge to a permission that allows it; ``tests/graph`` holds this equal to the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from operator import attrgetter

from rbaclens.collector import paused_collector
from rbaclens.graph.holding import Holding, HoldingIndex, Part
from rbaclens.graph.model import Attributes, Edge, Graph, Node, principal_node
from rbaclens.graph.permission import in_order, where
from rbaclens.graph.view import Level, View
from rbaclens.index.engine import Engine

_MOST_NAMED = 5
"""An edge names so many grants; who wants all of them asks ``rbaclens permissions``."""

Nodes = dict[str, Node]


def who_can_what(engine: Engine, view: View) -> Graph:
    """The graph of everybody and what they may do, as far as ``view`` wants it."""
    with paused_collector():
        return _drawn(engine, view)


def _drawn(engine: Engine, view: View) -> Graph:
    index = HoldingIndex(engine, view)
    draw = _LEVELS[view.level]
    nodes: Nodes = {}
    by_source: dict[str, list[Edge]] = {}
    groups: set[str] = set()
    for principal, own_groups, held in index.everybody():
        # Groups come first, so that it is known which of them hold anything.
        known = () if principal.kind == "Group" else [group for group in own_groups if group in groups]
        if not held and not known:
            continue
        if principal.kind == "Group":
            groups.add(principal.name)
        node = principal_node(principal)
        nodes[node.id] = node
        edges = draw(node.id, held, index, nodes)
        edges += [Edge(node.id, f"group:{group}", "member-of") for group in known]
        edges.sort(key=_target)
        by_source[node.id] = edges
    if view.level == "rule":
        nodes |= index.permissions
    ordered = (edge for source in sorted(by_source) for edge in by_source[source])
    return Graph("who can what", (nodes[one] for one in sorted(nodes)), ordered, tuple(_notes(engine, view, index.left_out)))


_target = attrgetter("target")


def _permissions(source: str, held: list[Holding], index: HoldingIndex, _: Nodes) -> list[Edge]:
    found: dict[str, tuple[Part, str]] = {}
    several: dict[str, list[tuple[Part, str]]] = {}
    for by, _what, scope, given in held:
        for target, part in index.cells(given, scope):
            if target in found:
                several.setdefault(target, [found[target]]).append((part, by))
            else:
                found[target] = part, by
    for target, ways in several.items():
        verbs = in_order(chain.from_iterable([part.verbs for part, _ in ways]))
        # Both lists are cut alike: the first of one belongs to the first of the other.
        pairs = sorted({(by, part.rules) for part, by in ways})
        merged = ways[0][0]._replace(verbs=verbs, verbs_text=", ".join(verbs), rules=_some([rules for _, rules in pairs]))
        found[target] = merged, _some([by for by, _ in pairs])
    return [
        Edge(source, target, "may", text, {"verbs": text, "by": by, "rules": rules})
        for target, ((_, _, _, text, rules), by) in found.items()
    ]


def _roles(source: str, held: list[Holding], _: HoldingIndex, nodes: Nodes) -> list[Edge]:
    found: dict[str, list[Holding]] = {}
    for holding in held:
        found.setdefault(holding.what.id, []).append(holding)
    edges = []
    for target, ways in found.items():
        nodes[target] = ways[0].what
        attributes = _by(ways)
        edges.append(Edge(source, target, "may", str(attributes["verbs"]), attributes))
    return edges


def _scopes(source: str, held: list[Holding], _: HoldingIndex, nodes: Nodes) -> list[Edge]:
    found: dict[str, list[Holding]] = {}
    for holding in held:
        found.setdefault(holding.scope, []).append(holding)
    edges = []
    for scope, ways in found.items():
        target = f"scope:{scope}"
        if target not in nodes:
            nodes[target] = Node(target, "scope", where(scope) if scope in ("", "*") else f"namespace {scope}", {"scope": scope})
        attributes = _by(ways)
        label = f"{attributes['permissions']} permission{'' if attributes['permissions'] == 1 else 's'}"
        edges.append(Edge(source, target, "may", label, attributes))
    return edges


def _by(ways: list[Holding]) -> Attributes:
    """What an edge says that stands for whole grants."""
    first = ways[0]
    if len(ways) == 1:
        return {"verbs": ", ".join(first.given.verbs), "by": first.by, "permissions": len(first.given.keys)}
    verbs = in_order(chain.from_iterable([one.given.verbs for one in ways]))
    keys = first.given.keys.union(*[one.given.keys for one in ways[1:]])
    return {"verbs": ", ".join(verbs), "by": _some(sorted(one.by for one in ways)), "permissions": len(keys)}


_Draw = Callable[[str, list[Holding], HoldingIndex, Nodes], list[Edge]]
_LEVELS: dict[Level, _Draw] = {"rule": _permissions, "role": _roles, "namespace": _scopes}


def _some(sources: list[str]) -> str:
    if len(sources) == 1:
        return sources[0]
    named = list(dict.fromkeys(sources))
    more = len(named) - _MOST_NAMED
    return "; ".join(named[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _notes(engine: Engine, view: View, left_out: int) -> Iterator[str]:
    if left_out:
        yield "1 grant that every cluster has is left out" if left_out == 1 else f"{left_out} grants that every cluster has are left out"
    yield from engine.policy.gaps
    types = {entry.type for entry in engine.config.authorizers}
    if "Node" in types and engine.policy.nodes and view.pattern is None:
        yield "what nodes may do by the node authorizer is not drawn"
    if "Webhook" in types:
        yield "what webhooks allow or deny cannot be drawn"
    if "AlwaysAllow" in types:
        yield "the mode AlwaysAllow lets everybody do everything"
