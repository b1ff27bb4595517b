"""Attack paths: the cheapest way from everybody to something worth having, and other ways for one of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.hops import Hop, HopGraph
from rbaclens.graph.attack.words import request_of

WEIGHTS = {0: 1.0, 1: 0.95, 2: 0.85, 3: 0.6, 4: 0.35, 5: 0.15}
"""How likely a hop of each cost is to succeed."""


class Step(msgspec.Struct, frozen=True):
    """What an attacker does at once: a technique, and the facts that follow from it by themselves.

    ``grants`` are those that allow it, none for a fact.
    """

    hop: Hop
    target: str
    grants: tuple[Grant, ...]

    @property
    def request(self) -> str:
        """A command that does it, empty for a fact."""
        return request_of(self.hop, self.target)


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
        self._found: dict[tuple[str, ...], tuple[list[int], array[int]]] = {}

    def cheapest(self, starts: Iterable[str], goals: Iterable[str]) -> Iterator[AttackPath]:
        """The cheapest path from each of ``starts`` to any of ``goals``, of those that have one, in the order of ``starts``."""
        for start, hops in self.cheapest_hops(starts, goals):
            yield self.path(start, hops)

    def cheapest_hops(self, starts: Iterable[str], goals: Iterable[str], closed: Iterable[int] = ()) -> Iterator[tuple[str, list[int]]]:
        """The same as bare numbers of hops; those in ``closed`` are left out."""
        graph = self.graph
        reached, by = self._searched(tuple(goals), closed)
        for start in starts:
            number = graph.number.get(start, -1)
            if number < 0 or not 0 < reached[number] < NEVER:
                continue
            hops: list[int] = []
            while by[number] >= 0:
                hops.append(by[number])
                number = graph.targets[by[number]]
            yield start, hops

    def reaching(self, starts: Iterable[str], goals: Iterable[str]) -> set[str]:
        """Those of ``starts`` that have a path to any of ``goals``."""
        reached, _ = self._searched(tuple(goals))
        number = self.graph.number
        return {start for start in starts if start in number and 0 < reached[number[start]] < NEVER}

    def _searched(self, goals: tuple[str, ...], closed: Iterable[int] = ()) -> tuple[list[int], array[int]]:
        """What it costs each node to get to the goals, and the hop that it begins with; remembered where nothing is left out."""
        graph = self.graph
        costs = self._costs
        if closed:
            costs = list(costs)
            for number in closed:
                costs[number] = NEVER
        elif goals in self._found:
            return self._found[goals]
        ends = [graph.number[goal] for goal in goals if goal in graph.number]
        found = graph.adjacency.backward.cheapest(ends, costs)
        if not closed:
            self._found[goals] = found
        return found

    def alternatives(self, start: str, goals: Iterable[str], most: int) -> list[AttackPath]:
        """Up to ``most`` different paths without circles, the cheapest first."""
        import networkx

        graph = self.graph
        ends = [graph.number[goal] for goal in goals if goal in graph.number]
        if start not in graph.number or not ends:
            return []
        forward, back = graph.adjacency.reached_from([graph.number[start]]), graph.adjacency.reaching(ends)
        found: networkx.DiGraph[int] = networkx.DiGraph()
        for number, (source, target) in enumerate(zip(graph.sources, graph.targets, strict=True)):
            if forward[source] and back[target] and source not in ends:
                known = found.get_edge_data(source, target)
                if known is None or known["cost"] > self._costs[number]:
                    found.add_edge(source, target, cost=self._costs[number], hop=number)
        for end in ends:
            found.add_edge(end, -1, cost=0)
        if graph.number[start] not in found or -1 not in found:
            return []
        try:
            ways = list(islice(networkx.shortest_simple_paths(found, graph.number[start], -1, weight="cost"), most))
        except networkx.NetworkXNoPath:
            return []
        return [self.path(start, [found.edges[a, b]["hop"] for a, b in pairwise(way[:-1])]) for way in ways]

    def path(self, start: str, numbers: Iterable[int]) -> AttackPath:
        """Hops, by their numbers, as a path: facts without a word of their own go with the step before them."""
        hops = [self.graph.hop(number) for number in numbers]
        steps: list[Step] = []
        position = 0
        while position < len(hops):
            first = hops[position]
            end = position + 1
            while end < len(hops) and hops[end].technique.id == "ANY_OF_ALL":
                end += 1
            steps.append(Step(first, hops[end - 1].target, self.builder.grants(first)))
            position = end
        return AttackPath(start, hops[-1].target, sum(hop.technique.cost for hop in hops), tuple(steps))


NEVER = 1 << 40
"""The cost of a hop that may not be taken: more than any path has."""
