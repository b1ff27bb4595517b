"""Blast radius: all that whoever has one identity or pod can get to, by namespace and by how bad that is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import BOUND, SPEAKING, is_somebody
from rbaclens.graph.attack.paths import NEVER, AttackPath, PathFinder
from rbaclens.graph.attack.words import label_of

LEVELS = ("critical", "high", "medium", "low")
_SINKS = {"sink:cluster-admin": "critical", "sink:system:masters": "critical", "secrets:*": "critical"}


class Reached(msgspec.Struct, frozen=True):
    """One thing that is reached: its node, where it is (a namespace, or EVERYWHERE), how bad that is, and the cheapest way to it."""

    node: str
    scope: str
    severity: str
    cost: int

    @property
    def label(self) -> str:
        """The node in words."""
        return label_of(self.node)


class Blast(msgspec.Struct, frozen=True):
    """What ``start`` reaches, the worst first, then by scope and cost. Who reaches cluster-admin reaches everything: that is not listed."""

    start: str
    reached: tuple[Reached, ...]

    @property
    def by_scope(self) -> dict[str, dict[str, int]]:
        """How many things of each severity are reached in each scope."""
        found: dict[str, dict[str, int]] = {}
        for one in self.reached:
            counts = found.setdefault(one.scope, dict.fromkeys(LEVELS, 0))
            counts[one.severity] += 1
        return found


def blast_radius(finder: PathFinder, start: str) -> Blast:
    """All that can be reached from the node ``start``; itself is not listed."""
    graph = finder.graph
    if start not in graph.number:
        return Blast(start, ())
    # What follows from being cluster-admin is everything: behind that nothing is told apart.
    admin = graph.number.get("sink:cluster-admin", -1)
    costs = [NEVER if source == admin else cost for source, cost in zip(graph.sources, graph.costs, strict=True)]
    reached, _ = graph.adjacency.forward.cheapest([graph.number[start]], costs)
    privileged = {one.split(":")[1].split("/")[0] for one in _to_admin(finder)}
    found = []
    for number, cost in enumerate(reached):
        node = graph.ids[number]
        if 0 < cost < NEVER and node != start and BOUND not in node and SPEAKING not in node:
            scope = _scope(node)
            found.append(Reached(node, scope, _severity(node, scope in privileged), cost // 100))
    return Blast(
        start, tuple(sorted(found, key=lambda one: (LEVELS.index(one.severity), one.scope != EVERYWHERE, one.scope, one.cost, one.node)))
    )


def _order(one: Reached) -> tuple[int, bool, str, int, str]:
    return LEVELS.index(one.severity), one.scope != EVERYWHERE, one.scope, one.cost, one.node


def ways(finder: PathFinder, start: str, node: str) -> list[AttackPath]:
    """The cheapest path to one thing that is reached."""
    return list(finder.cheapest((start,), (node,)))


def _to_admin(finder: PathFinder) -> Iterator[str]:
    """The service accounts that can become cluster-admin: their namespaces are worth more."""
    graph = finder.graph
    goal = graph.number.get("sink:cluster-admin")
    if goal is not None:
        reaching = graph.adjacency.reaching([goal])
        yield from (one for one in graph.ids if one.startswith("sa:") and is_somebody(one) and reaching[graph.number[one]])


def _scope(node: str) -> str:
    kind, _, rest = node.partition(":")
    if kind in ("accounts", "pods", "secrets", "namespace-admin"):
        return rest
    return rest.split("/")[0] if kind in ("sa", "pod", "secret") else EVERYWHERE


def _severity(node: str, privileged: bool) -> str:
    kind = node.partition(":")[0]
    if node in _SINKS:
        return "critical"
    if kind in ("machine", "sink", "namespace-admin", "identity"):
        return "high"
    if kind in ("secrets", "accounts", "pods"):
        return "critical" if node.endswith(":*") else "high" if privileged else "medium"
    if kind in ("sa", "pod", "secret"):
        return "high" if privileged else "medium"
    return "medium" if kind in ("user", "group", "node") else "low"
