"""The part of a graph around something: a subject, a role or a resource, and what is near it."""

from __future__ import annotations

from difflib import get_close_matches

from rbaclens.errors import UnknownNameError
from rbaclens.graph.model import Graph, Node, neighbours


def focus(graph: Graph, word: str, hops: int) -> Graph:
    """The nodes at most ``hops`` edges from those that ``word`` means, in either direction, and the edges between them.

    ``word`` is the id of a node (``sa:shop/web``, ``clusterrole:view``), its name or label, or a resource (``secrets``,
    ``deployments.apps``). Raises UnknownNameError with the nearest names where nothing in the graph is meant.
    """
    meant = _meant(graph, word)
    if not meant:
        known = {name for node in graph.nodes for name in _names(node)}
        near = tuple(get_close_matches(word, sorted(known), n=3, cutoff=0.6))
        raise UnknownNameError(
            f'nothing in this graph is called "{word}"',
            f"nearest: {', '.join(near)}" if near else "give a subject (sa:shop/web), a role (clusterrole:view) or a resource (secrets)",
            near,
        )
    kept = set(neighbours(graph, meant, hops))
    away = len(graph.nodes) - len(kept)
    notes = (f"{away} nodes that are more than {hops} steps from {word} are left out",) if away else ()
    return graph.only(kept, *notes)


def _meant(graph: Graph, word: str) -> list[str]:
    if word in graph.position:
        return [word]
    named = [node.id for node in graph.nodes if word in _names(node)]
    return named or [node.id for node in graph.nodes if node.kind == "permission" and word == _resource(node)]


def _names(node: Node) -> set[str]:
    found = {node.id, node.label}
    if node.kind in {"user", "group", "service-account", "role", "binding", "pod", "workload"}:
        name = str(node.attributes.get("name", "")) or node.label
        namespace = node.attributes.get("namespace", "")
        found |= {name, f"system:serviceaccount:{namespace}:{name}"} if node.kind == "service-account" else {name}
    elif node.kind == "permission":
        found |= {_resource(node), str(node.attributes.get("resource", ""))}
    return found


def _resource(node: Node) -> str:
    group, resource = node.attributes.get("api_group", ""), node.attributes.get("resource", "")
    return f"{resource}.{group}" if group else str(resource) or str(node.attributes.get("path", ""))
