"""Attack paths as a graph to look at and to write: everybody, footholds and sinks, and the techniques between them."""

from __future__ import annotations

from collections.abc import Iterable

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.graph.attack.footholds import ANY_NODE, BOUND, CLUSTER_ADMIN, SPEAKING, foothold_node, secrets
from rbaclens.graph.attack.hops import Hop
from rbaclens.graph.attack.paths import AttackPath, PathFinder
from rbaclens.graph.attack.targets import everybody
from rbaclens.graph.attack.words import label_of, request_of
from rbaclens.graph.model import Attributes, Drawing, Edge, Graph, Node, principal_node
from rbaclens.model.decision import RbacGrant

_PRINCIPALS = {"user": "User", "group": "Group", "sa": "ServiceAccount", "node": "Node"}


def attack_graph(finder: PathFinder, *, with_closed: bool = True) -> Graph:
    """Every hop, closed ones too: those say what prevents them."""
    hops = [*finder.graph.hops, *(finder.graph.closed if with_closed else ())]
    return _drawn("attack paths", finder, hops)


def worst_graph(finder: PathFinder) -> Graph:
    """The hops of :func:`worst_paths`."""
    numbers = dict.fromkeys(number for _, way in _worst(finder) for number in way)
    return _drawn("attack paths", finder, map(finder.graph.hop, numbers))


def worst_paths(finder: PathFinder) -> list[AttackPath]:
    """The cheapest path to cluster-admin, or else to every secret and to a node, of everybody to whom the policy gives something."""
    return [finder.path(start, hops) for start, hops in _worst(finder)]


def _worst(finder: PathFinder) -> list[tuple[str, list[int]]]:
    starts = everybody(finder.builder)
    ways = list(finder.cheapest_hops(starts, (CLUSTER_ADMIN,)))
    admins = {start for start, _ in ways}
    # Cluster-admin has all the rest: their other paths would only say so again.
    others = [start for start in starts if start not in admins]
    for goal in (secrets(EVERYWHERE), ANY_NODE):
        ways += finder.cheapest_hops(others, (goal,))
    return ways


def _drawn(name: str, finder: PathFinder, hops: Iterable[Hop]) -> Graph:
    drawing = Drawing()
    for hop in hops:
        technique = hop.technique
        grants = finder.builder.grants(hop)
        attributes: Attributes = {"technique": technique.id, "cost": technique.cost, "scope": hop.scope, "closed": hop.closed}
        if grants:
            attributes["by"] = "; ".join(
                f"{one.binding.kind} {one.binding.name} → {one.role.kind} {one.role.name} {one.rule_index}"
                if isinstance(one, RbacGrant)
                else f"{one.policy.origin.file}:{one.policy.line}"
                for one in grants
            )
            attributes["request"] = request_of(hop, hop.target)
        edge = Edge(drawing.node(node_of(hop.source)), drawing.node(node_of(hop.target)), "attack", technique.title, attributes)
        drawing.edges.append(edge)
    return drawing.done(name)


def node_of(node_id: str) -> Node:
    """The node of an id of the attack graph."""
    kind, _, name = node_id.partition(":")
    if BOUND in node_id or SPEAKING in node_id:
        return Node(node_id, "foothold", label_of(node_id), {"what": label_of(node_id), "scope": ""})
    if kind in _PRINCIPALS:
        return principal_node(Principal(_PRINCIPALS[kind], name))
    return foothold_node(node_id)
