"""The smallest set that has something in common with every one of several sets: branch and bound, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MOST_BRANCHES = 20_000
Sets = list[frozenset[int]]


def smallest_hitting_set(sets: Sequence[frozenset[T]]) -> tuple[frozenset[T], bool]:
    """The set, and whether it is proven to be the smallest; if not, then at least nothing can be left out of it.

    Of several smallest sets the one whose elements sort first is preferred; the answer does not depend on the order of ``sets``.
    """
    elements = sorted({element for one in sets for element in one})  # type: ignore[type-var]
    number = {element: at for at, element in enumerate(elements)}
    wanted = _minimal([frozenset(number[element] for element in one) for one in sets])
    found: set[int] = set()
    proven = True
    for part in _parts(wanted):
        solver = _Solver(part)
        found |= solver.best
        proven = proven and solver.branches < _MOST_BRANCHES
    return frozenset(elements[at] for at in found), proven


def _minimal(sets: Sets) -> Sets:
    """Only the sets that contain no other: who meets those meets all."""
    kept: Sets = []
    for one in sorted(set(sets), key=lambda some: (len(some), sorted(some))):
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


def _parts(sets: Sets) -> list[Sets]:
    """The sets in groups that have nothing in common with one another."""
    parts: list[tuple[set[int], Sets]] = []
    for one in sets:
        joined: tuple[set[int], Sets] = (set(one), [one])
        rest = []
        for part in parts:
            if part[0] & one:
                joined = (joined[0] | part[0], part[1] + joined[1])
            else:
                rest.append(part)
        parts = [*rest, joined]
    return [part for _, part in parts]


class _Solver:
    """Branches on the elements of a shortest set; sets that share nothing say how many more it takes at least."""

    def __init__(self, sets: Sets) -> None:
        self.branches = 0
        self.best = _greedy(sets)
        self._search(sets, set())

    def _search(self, sets: Sets, chosen: set[int]) -> None:
        self.branches += 1
        if not sets:
            if len(chosen) < len(self.best):
                self.best = set(chosen)
            return
        if len(chosen) + _disjoint(sets) >= len(self.best) or self.branches >= _MOST_BRANCHES:
            return
        shortest = min(sets, key=lambda one: (len(one), sorted(one)))
        often = Counter(element for one in sets for element in one)
        refused: set[int] = set()
        for element in sorted(shortest, key=lambda one: (-often[one], one)):
            # What an earlier branch chose need not be tried again in a later one.
            rest = [one - refused for one in sets if element not in one]
            if all(rest):
                self._search(rest, {*chosen, element})
            refused.add(element)


def _disjoint(sets: Sets) -> int:
    met: set[int] = set()
    count = 0
    for one in sorted(sets, key=len):
        if not met & one:
            met |= one
            count += 1
    return count


def _greedy(sets: Sets) -> set[int]:
    found: set[int] = set()
    rest = sets
    while rest:
        often = Counter(element for one in rest for element in one)
        best = min(often, key=lambda element: (-often[element], element))
        found.add(best)
        rest = [one for one in rest if best not in one]
    for element in sorted(found, reverse=True):
        if all(one & (found - {element}) for one in sets):
            found.discard(element)
    return found
