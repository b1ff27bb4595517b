"""Edges as arrays of numbers, made once and searched often: a million edges take four bytes each and direction.

A search marks what it met in a bytearray and follows slices of one array; networkx goes through a dictionary for each node.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush


class Adjacency:
    """``size`` nodes, numbered from 0, and the edges from ``sources[i]`` to ``targets[i]``."""

    def __init__(self, size: int, sources: Sequence[int], targets: Sequence[int]) -> None:
        self.size = size
        self._sources = sources
        self._targets = targets
        self._forward: Rows | None = None
        self._backward: Rows | None = None

    @property
    def forward(self) -> Rows:
        """For each node, where its edges lead."""
        if self._forward is None:
            self._forward = Rows(self.size, self._sources, self._targets)
        return self._forward

    @property
    def backward(self) -> Rows:
        """For each node, where edges to it come from."""
        if self._backward is None:
            self._backward = Rows(self.size, self._targets, self._sources)
        return self._backward

    def reached_from(self, start: Iterable[int]) -> bytearray:
        """1 for every node that can be reached from any of ``start`` (themselves included), else 0."""
        return self.forward.reach(start)

    def reaching(self, goals: Iterable[int]) -> bytearray:
        """1 for every node from which any of ``goals`` can be reached, in one search backwards from all of them."""
        return self.backward.reach(goals)

    def around(self, start: Iterable[int], hops: int) -> list[int]:
        """The nodes at most ``hops`` edges away, in either direction, nearest first."""
        found = list(dict.fromkeys(start))
        seen = set(found)
        layer = found
        for _ in range(hops):
            following = []
            for node in layer:
                for other in (*self.forward.row(node), *self.backward.row(node)):
                    if other not in seen:
                        seen.add(other)
                        following.append(other)
            found = found + following
            layer = following
        return found


class Rows:
    """What each node has, in one array: the row of node n lies between ``starts[n]`` and ``starts[n + 1]``."""

    __slots__ = ("edges", "ends", "starts")

    def __init__(self, size: int, keys: Sequence[int], values: Sequence[int]) -> None:
        starts = array("i", bytes(4 * (size + 1)))
        for key in keys:
            starts[key + 1] += 1
        total = 0
        for node in range(size + 1):
            total += starts[node]
            starts[node] = total
        self.starts = starts
        # Each edge goes to the next free place of its row, so that a row keeps the order in which edges were given.
        free = starts[:]
        self.edges = array("i", bytes(4 * len(keys)))
        self.ends = array("i", bytes(4 * len(keys)))
        edges, ends = self.edges, self.ends
        for edge, key in enumerate(keys):
            at = free[key]
            free[key] = at + 1
            edges[at] = edge
            ends[at] = values[edge]

    def row(self, node: int) -> array[int]:
        """The nodes at the other ends of a node's edges."""
        return self.ends[self.starts[node] : self.starts[node + 1]]

    def edges_of(self, node: int) -> array[int]:
        """The numbers of a node's edges, in the order of :meth:`row`."""
        return self.edges[self.starts[node] : self.starts[node + 1]]

    def reach(self, start: Iterable[int]) -> bytearray:
        """1 for every node that is met from ``start``."""
        ends, starts = self.ends, self.starts
        seen = bytearray(len(starts) - 1)
        waiting = list(start)
        for node in waiting:
            seen[node] = 1
        while waiting:
            node = waiting.pop()
            for other in ends[starts[node] : starts[node + 1]]:
                if not seen[other]:
                    seen[other] = 1
                    waiting.append(other)
        return seen

    def cheapest(self, start: Iterable[int], costs: Sequence[int]) -> tuple[list[int], array[int]]:
        """The least cost from any of ``start`` to each node (-1: not reached), and the edge by which it is met (-1: none).

        ``costs`` is what each edge costs, by its number, at least 0. Ties go to the edge that was given first.
        """
        size = len(self.starts) - 1
        cost = [-1] * size
        by = array("i", [-1]) * size
        waiting: list[tuple[int, int, int]] = [(0, node, -1) for node in sorted(set(start))]
        while waiting:
            so_far, node, edge = heappop(waiting)
            if cost[node] >= 0:
                continue
            cost[node] = so_far
            by[node] = edge
            for at in range(self.starts[node], self.starts[node + 1]):
                other = self.ends[at]
                if cost[other] < 0:
                    heappush(waiting, (so_far + costs[self.edges[at]], other, self.edges[at]))
        return cost, by
