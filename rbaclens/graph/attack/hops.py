"""The graph of attack paths: nodes by id, and hops from one to another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import msgspec

from rbaclens.graph.adjacency import Adjacency
from rbaclens.graph.attack.technique import Fact, Technique


class Hop(msgspec.Struct, frozen=True, gc=False):
    """One step of an attacker: from the node ``source`` to ``target`` by a technique.

    ``scope`` is where its needs are held (empty for a fact), ``name`` the object that the grant is limited to (empty: any), ``closed``
    what is seen to prevent it (empty: nothing): a closed hop is on no path.
    """

    source: str
    target: str
    technique: Technique | Fact
    scope: str = ""
    name: str = ""
    closed: str = ""


class HopGraph:
    """Hops with their nodes numbered, for searching; closed hops are kept apart."""

    def __init__(self, hops: Iterable[Hop]) -> None:
        self.number: dict[str, int] = {}
        every = list(hops)
        self.hops = [hop for hop in every if not hop.closed]
        self.closed = [hop for hop in every if hop.closed]
        self._sources: list[int] = []
        self._targets: list[int] = []
        number = self.number
        last, at = "", -1
        for hop in self.hops:
            if hop.source is not last:
                last, at = hop.source, number.setdefault(hop.source, len(number))
            self._sources.append(at)
            self._targets.append(number.setdefault(hop.target, len(number)))
        self.ids: list[str] = list(number)

    def number_of(self, hop: Hop) -> int:
        """The number of a hop of this graph."""
        return self._numbers[id(hop)]

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(hop): number for number, hop in enumerate(self.hops)}

    @cached_property
    def adjacency(self) -> Adjacency:
        """The hops as arrays."""
        return Adjacency(len(self.ids), self._sources, self._targets)

    @cached_property
    def costs(self) -> list[int]:
        """The cost of each hop, times 100, and one more: of paths that cost the same the shorter one is better."""
        return [hop.technique.cost * 100 + 1 for hop in self.hops]

    @cached_property
    def lengths(self) -> list[int]:
        """The same where fewer steps count first, and what they cost only between paths of as many; a fact is no step."""
        return [cost if isinstance(hop.technique, Fact) else cost + 100_000 for hop, cost in zip(self.hops, self.costs, strict=True)]
