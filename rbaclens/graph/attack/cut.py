"""What to remove: the smallest set of grants without which no path is left, found and proven on the analysis itself.

Each open path names the grants that it needs; every one of those sets has to lose a grant. The smallest set that meets all of
them is removed, the graph is built again, and whatever paths are then open come on top, until none is. Every demand was a real path,
so that nothing smaller would do, and the last graph proves that this is enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.analysis.shipped import Shipped
from rbaclens.collector import paused_collector
from rbaclens.graph.attack.actors import NEW_BINDING
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.hitting import smallest_hitting_set
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.graph.attack.units import Unit, UnitKind, unit_of
from rbaclens.index.engine import Engine
from rbaclens.model.decision import RbacGrant


class Choke(msgspec.Struct, frozen=True):
    """A grant, and from how many of the starts the cheapest path passes it."""

    unit: Unit
    starts: int


class Cut(msgspec.Struct, frozen=True):
    """What to remove. ``starts`` are those that had a path, ``open`` those that still have one, which no removal closes.

    ``smallest`` says that no smaller set is enough (otherwise it is only known that none of its own parts is).
    """

    units: tuple[Unit, ...]
    starts: tuple[str, ...]
    open: tuple[str, ...]
    smallest: bool
    chokes: tuple[Choke, ...]


@paused_collector()
def smallest_cut(
    engine: Engine,
    shipped: Shipped,
    starts: Sequence[str],
    goals: Sequence[str],
    *,
    by: UnitKind = "binding",
    version: tuple[int, int] = (1, 36),
    identities: Mapping[str, Iterable[str]] | None = None,
    finder: PathFinder | None = None,
) -> Cut:
    """The smallest set of bindings or rules whose removal closes every path from ``starts`` to ``goals`` that removal can close.

    ``finder`` is the one of the whole policy, where there is one already.
    """
    whole = finder or PathFinder(AttackBuilder(engine, shipped, version, identities))
    demands: dict[frozenset[Unit], None] = {}
    hopeless: set[str] = set()
    first: tuple[str, ...] = ()
    chokes: tuple[Choke, ...] = ()
    units: frozenset[Unit] = frozenset()
    smallest = True
    while True:
        wanted = [start for start in starts if start not in hopeless]
        search = _Demands(PathFinder(whole.builder.without(units)) if units else whole, shipped, by)
        fresh = search.collect(wanted, goals)
        if not first:
            first, chokes = search.starts, search.chokes()
        hopeless |= search.hopeless
        if not fresh - demands.keys():
            break
        demands.update(dict.fromkeys(sorted(fresh, key=_order)))
        units, smallest = smallest_hitting_set(list(demands))
    return Cut(tuple(sorted(units)), first, tuple(sorted(hopeless)), smallest, chokes)


def _order(units: frozenset[Unit]) -> tuple[int, list[Unit]]:
    return len(units), sorted(units)


class _Demands:
    """The sets of grants that paths of one graph need."""

    def __init__(self, finder: PathFinder, shipped: Shipped, by: UnitKind) -> None:
        self._finder = finder
        self._shipped = shipped
        self._by: UnitKind = by
        self._needs: dict[int, frozenset[Unit]] = {}
        self.hopeless: set[str] = set()
        self.starts: tuple[str, ...] = ()
        self._passing: Counter[Unit] = Counter()

    def collect(self, starts: Sequence[str], goals: Sequence[str]) -> set[frozenset[Unit]]:
        """Demands of paths that have no grant in common, as far as they are found one after the other."""
        found: set[frozenset[Unit]] = set()
        used: set[int] = set()
        while True:
            fresh = False
            paths = list(self._finder.cheapest_hops(starts, goals, used))
            for start, hops in paths:
                needs: frozenset[Unit] = frozenset().union(*map(self._needs_of, hops))
                if not self.starts:
                    self._passing.update(needs)
                if not needs:
                    self.hopeless.add(start)
                elif needs not in found:
                    found.add(needs)
                    fresh = True
                    used.update(filter(self._needs_of, hops))
            self.starts = self.starts or tuple(start for start, _ in paths)
            starts = [start for start, _ in paths if start not in self.hopeless]
            if not fresh:
                return found

    def chokes(self) -> tuple[Choke, ...]:
        """The grants on the cheapest paths, those that most starts pass first."""
        ranked = sorted(self._passing.items(), key=lambda one: (-one[1], one[0]))
        return tuple(Choke(unit, count) for unit, count in ranked)

    def _needs_of(self, number: int) -> frozenset[Unit]:
        found = self._needs.get(number)
        if found is None:
            grants: tuple[Grant, ...] = self._finder.builder.grants(self._finder.graph.hop(number))
            units = (unit_of(grant, self._by, self._shipped) for grant in grants if not _by_attacker(grant))
            found = self._needs[number] = frozenset(unit for unit in units if unit is not None)
        return found


def _by_attacker(grant: Grant) -> bool:
    return isinstance(grant, RbacGrant) and grant.binding.name == NEW_BINDING
