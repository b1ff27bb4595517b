"""Hops in words and as commands."""

from __future__ import annotations

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import BOUND, SPEAKING, foothold_node
from rbaclens.graph.attack.hops import Hop
from rbaclens.graph.attack.technique import Technique

_NAMED, _GLOBAL = frozenset({"sa", "pod", "secret"}), frozenset({"machine", "user", "group"})
_WHOLE = frozenset({"accounts", "pods", "secrets", "namespace-admin"})
_IDENTITIES = ("user:", "group:", "sa:", "node:")


def label_of(node_id: str) -> str:
    """A node as people read it: identities as they are written on the command line, footholds in words."""
    speaker, speaking, other = node_id.partition(SPEAKING)
    if speaking:
        return f"{label_of(speaker)} as {label_of(other)}"
    base, bound, role = node_id.partition(BOUND)
    if bound:
        return f"{base} with {role.replace('@', ' bound ')}"
    return node_id if node_id.startswith(_IDENTITIES) else foothold_node(node_id).label


def request_of(hop: Hop, target: str) -> str:
    """The command of a hop, about the target that it is done for."""
    kind, _, rest = target.partition(":")
    namespace = name = ""
    if kind in _NAMED:
        namespace, _, name = rest.rpartition("/")
    elif kind in _GLOBAL:
        name = rest
    elif kind in _WHOLE:
        namespace = rest
    if hop.scope and hop.scope != EVERYWHERE:
        namespace = hop.scope
    example = hop.technique.example if isinstance(hop.technique, Technique) else "NAME"
    if namespace in ("", EVERYWHERE):
        namespace = "NAMESPACE"
    return hop.technique.request.format(namespace=namespace, name=hop.name or name or example)
