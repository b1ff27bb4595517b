"""Who can what: everybody whom policy names, and what they hold, by name or by the groups that they are in.

Nothing is expanded: a star is a permission of its own. A request is allowed if and only if somebody, or a group that they are
in, has an edge to a permission that allows it; ``tests/graph`` holds this equal to the reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.holding import Holding, HoldingIndex
from rbaclens.graph.model import Drawing, Edge, Graph, Node, principal_node
from rbaclens.graph.permission import Permission, where
from rbaclens.graph.view import View
from rbaclens.index.engine import Engine

_MOST_NAMED = 5
"""An edge names so many grants; who wants all of them asks ``rbaclens permissions``."""


def who_can_what(engine: Engine, view: View) -> Graph:
    """The graph of everybody and what they may do, as far as ``view`` wants it."""
    drawing = Drawing()
    index = HoldingIndex(engine, view)
    everybody = list(index.everybody())
    groups = {principal.name for principal, _, held in everybody if principal.kind == "Group" and held}
    for principal, own_groups, held in everybody:
        known = [group for group in own_groups if group in groups]
        if not held and not (known and principal.kind != "Group"):
            continue
        source = drawing.node(principal_node(principal))
        for target, label, attributes in _ENDS[view.level](held):
            drawing.edges.append(Edge(source, drawing.node(target), "may", label, attributes))
        drawing.edges += [Edge(source, f"group:{group}", "member-of") for group in known]
    return drawing.done("who can what", tuple(_notes(engine, index.left_out)))


_End = tuple[Node, str, dict[str, str | int | float | bool]]


def _permissions(held: list[Holding]) -> Iterator[_End]:
    found: dict[Permission, tuple[dict[str, None], dict[str, None]]] = {}
    for holding in held:
        for permission, verbs, by in holding.cells:
            all_verbs, sources = found.setdefault(permission, ({}, {}))
            all_verbs.update(dict.fromkeys(verbs))
            sources[f"{holding.by} → {by}" if by != holding.by else by] = None
    for permission, (all_verbs, sources) in found.items():
        verbs_text = "*" if "*" in all_verbs else ", ".join(sorted(all_verbs))
        yield permission.node, verbs_text, {"verbs": verbs_text, "by": _some(sources)}


def _roles(held: list[Holding]) -> Iterator[_End]:
    found: dict[str, tuple[Node, dict[str, None], int]] = {}
    for holding in held:
        _, sources, _ = found.setdefault(holding.what.id, (holding.what, {}, len(holding.cells)))
        sources[holding.by] = None
    for what, sources, count in found.values():
        yield what, "", {"by": _some(sources), "permissions": count}


def _scopes(held: list[Holding]) -> Iterator[_End]:
    found: dict[str, tuple[set[Permission], dict[str, None]]] = {}
    for holding in held:
        permissions, sources = found.setdefault(holding.scope, (set(), {}))
        permissions.update(permission for permission, _, _ in holding.cells)
        sources[f"{holding.by} → {holding.what.label}"] = None
    for scope, (permissions, sources) in found.items():
        node = Node(f"scope:{scope}", "scope", _scope_label(scope))
        yield node, f"{len(permissions)} permissions", {"by": _some(sources), "permissions": len(permissions)}


_ENDS = {"rule": _permissions, "role": _roles, "namespace": _scopes}


def _scope_label(scope: str) -> str:
    return where(scope) if scope in ("", "*") else f"namespace {scope}"


def _some(sources: dict[str, None]) -> str:
    named = list(sources)[:_MOST_NAMED]
    more = len(sources) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")


def _notes(engine: Engine, left_out: int) -> Iterator[str]:
    if left_out:
        yield f"{left_out} grants that every cluster has are left out"
    yield from engine.policy.gaps
    types = {entry.type for entry in engine.config.authorizers}
    if "Node" in types and engine.policy.nodes:
        yield "what nodes may do by the node authorizer is not drawn"
    if "Webhook" in types:
        yield "what webhooks allow or deny cannot be drawn"
    if "AlwaysAllow" in types:
        yield "the mode AlwaysAllow lets everybody do everything"
