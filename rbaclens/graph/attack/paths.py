"""Attack paths: the cheapest way from everybody to something worth having, and other ways for one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.hops import Hop, HopGraph
from rbaclens.graph.attack.words import request_of, step_target

WEIGHTS = {0: 1.0, 1: 0.95, 2: 0.85, 3: 0.6, 4: 0.35, 5: 0.15}
"""How likely a hop of each cost is to succeed."""


class Step(msgspec.Struct, frozen=True):
    """What an attacker does at once: a technique, and the facts that follow from it by themselves.

    ``grants`` are those that allow it, ``request`` a command that does it; both are empty for a fact.
    """

    hop: Hop
    target: str
    request: str
    grants: tuple[Grant, ...]


class AttackPath(msgspec.Struct, frozen=True):
    """One way from ``start`` to ``goal``, ids of nodes; ``cost`` is the sum of its steps' costs."""

    start: str
    goal: str
    cost: int
    steps: tuple[Step, ...]

    @property
    def likelihood(self) -> float:
        """From 0 to 1: the product of the weights of the steps' costs."""
        found = 1.0
        for step in self.steps:
            found *= WEIGHTS[step.hop.technique.cost]
        return found


class PathFinder:
    """Finds paths on the graph of one builder; with ``shortest`` those of fewest steps go before cheaper ones."""

    def __init__(self, builder: AttackBuilder, *, shortest: bool = False) -> None:
        self.builder = builder
        self.graph: HopGraph = builder.graph()
        self._costs = self.graph.lengths if shortest else self.graph.costs

    def cheapest(self, starts: Iterable[str], goals: Iterable[str]) -> Iterator[AttackPath]:
        """The cheapest path from each of ``starts`` to any of ``goals``, of those that have one, in the order of ``starts``."""
        for start, hops in self.cheapest_hops(starts, goals):
            yield self.path(start, hops)

    def cheapest_hops(self, starts: Iterable[str], goals: Iterable[str], closed: Iterable[int] = ()) -> Iterator[tuple[str, list[Hop]]]:
        """The same as bare hops; those numbered in ``closed`` are left out."""
        graph = self.graph
        costs = self._costs
        if closed:
            costs = list(costs)
            for number in closed:
                costs[number] = NEVER
        ends = [graph.number[goal] for goal in goals if goal in graph.number]
        reached, by = graph.adjacency.backward.cheapest(ends, costs)
        for start in starts:
            number = graph.number.get(start, -1)
            if number < 0 or not 0 < reached[number] < NEVER:
                continue
            hops: list[Hop] = []
            while by[number] >= 0:
                hop = graph.hops[by[number]]
                hops.append(hop)
                number = graph.number[hop.target]
            yield start, hops

    def alternatives(self, start: str, goals: Iterable[str], most: int) -> list[AttackPath]:
        """Up to ``most`` different paths without circles, the cheapest first."""
        import networkx

        graph = self.graph
        ends = [graph.number[goal] for goal in goals if goal in graph.number]
        if start not in graph.number or not ends:
            return []
        forward, back = graph.adjacency.reached_from([graph.number[start]]), graph.adjacency.reaching(ends)
        found: networkx.DiGraph[int] = networkx.DiGraph()
        for number, hop in enumerate(graph.hops):
            source, target = graph.number[hop.source], graph.number[hop.target]
            if forward[source] and back[target] and source not in ends:
                known = found.get_edge_data(source, target)
                if known is None or known["cost"] > self._costs[number]:
                    found.add_edge(source, target, cost=self._costs[number], hop=hop)
        for end in ends:
            found.add_edge(end, -1, cost=0)
        if graph.number[start] not in found or -1 not in found:
            return []
        try:
            ways = list(islice(networkx.shortest_simple_paths(found, graph.number[start], -1, weight="cost"), most))
        except networkx.NetworkXNoPath:
            return []
        return [self.path(start, [found.edges[a, b]["hop"] for a, b in pairwise(way[:-1])]) for way in ways]

    def path(self, start: str, hops: list[Hop]) -> AttackPath:
        """Hops as a path: facts without a word of their own go with the step before them."""
        steps: list[Step] = []
        position = 0
        while position < len(hops):
            first = hops[position]
            end = position + 1
            while end < len(hops) and hops[end].technique.id == "ANY_OF_ALL":
                end += 1
            target = step_target(hops[position:end])
            steps.append(Step(first, target, request_of(first, target), self.builder.grants(first)))
            position = end
        return AttackPath(start, hops[-1].target, sum(hop.technique.cost for hop in hops), tuple(steps))


NEVER = 1 << 40
"""The cost of a hop that may not be taken: more than any path has."""
