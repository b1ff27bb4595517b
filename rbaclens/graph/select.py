"""The part of a graph around something: a subject, a role or a resource, and what is near it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from rbaclens.authorizers.matching import ALL
from rbaclens.graph.model import Graph, Node, neighbours
from rbaclens.graph.permission import Permission
from rbaclens.model.pattern import Pattern


def focus(graph: Graph, start: Iterable[str], hops: int, word: str) -> Graph:
    """The nodes at most ``hops`` edges from ``start``, in either direction, and the edges between them; ``word`` is what that was."""
    kept = set(neighbours(graph, start, hops))
    away = len(graph.nodes) - len(kept)
    notes = (f"{away} nodes that are more than {hops} step{'' if hops == 1 else 's'} from {word} are left out",) if away else ()
    return graph.only(kept, *notes)


def named(graph: Graph, word: str) -> list[str]:
    """The nodes that ``word`` means: an id (``sa:shop/web``, ``clusterrole:view``), a name or label, or a resource as rules name it."""
    if word in graph.position:
        return [word]
    found = [node.id for node in graph.nodes if word in _names(node)]
    return found or [node.id for node in graph.nodes if node.kind == "permission" and word == _resource(node)]


def touching(graph: Graph, pattern: Pattern) -> list[str]:
    """The permissions that cover something which ``pattern`` stands for: stars do as well."""
    return [node.id for node in graph.nodes if node.kind == "permission" and _permission(node).touches((ALL,), pattern)]


def nearest(graph: Graph, word: str) -> tuple[str, ...]:
    """The names in the graph that are most like ``word``."""
    known = {name for node in graph.nodes for name in _names(node)}
    return tuple(get_close_matches(word, sorted(known), n=3, cutoff=0.6))


def _permission(node: Node) -> Permission:
    given = node.attributes
    path, group, resource = (str(given.get(name, "")) for name in ("path", "api_group", "resource"))
    return Permission(group, resource, (), path, bool(given.get("with_subresources")))


def _names(node: Node) -> set[str]:
    found = {node.id, node.label}
    if node.kind == "grant":
        # Of a role held in several scopes each is meant: as rbaclens roles calls it, and by its name alone.
        kind, _, name = str(node.attributes.get("role", "")).partition(" ")
        found |= {f"{kind} {name}", f"{kind.lower()}:{name}", name, node.id.split(":", 2)[-1]} if name else set()
    elif node.kind in {"user", "group", "service-account", "role", "binding", "pod", "workload"}:
        name = str(node.attributes.get("name", "")) or node.label
        namespace = node.attributes.get("namespace", "")
        found |= {name, f"system:serviceaccount:{namespace}:{name}"} if node.kind == "service-account" else {name}
    elif node.kind == "permission":
        found |= {_resource(node), str(node.attributes.get("resource", ""))}
    return found


def _resource(node: Node) -> str:
    group, resource = node.attributes.get("api_group", ""), node.attributes.get("resource", "")
    return f"{resource}.{group}" if group else str(resource) or str(node.attributes.get("path", ""))
