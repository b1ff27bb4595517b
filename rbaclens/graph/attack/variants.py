"""Techniques as tests of sets of atoms: which of them somebody can do with what they hold, all asked at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.capability import Test, atoms, compiled, form
from rbaclens.graph.attack.technique import Technique
from rbaclens.model.pattern import Pattern


class Variant:
    """A technique for any object, or (``restricted``) for certain names only, which has the next bit."""

    __slots__ = ("bit", "relevant", "restricted", "technique", "test")

    def __init__(self, technique: Technique, restricted: bool, number: int, table: AtomTable) -> None:
        self.technique = technique
        self.restricted = restricted
        self.bit = 1 << number
        self.relevant = 0

        def bit(pattern: Pattern) -> int:
            some_name = pattern.resource in technique.any_name or (restricted and pattern.resource in technique.named)
            return table.bit(form(pattern, some_name))

        self.test: Test = compiled(technique.needs, bit)
        for pattern in atoms(technique.needs):
            self.relevant |= bit(pattern)


class Variants:
    """All of them, a bit each; remembers the answer for each set of atoms."""

    def __init__(self, techniques: Iterable[Technique], table: AtomTable) -> None:
        self._all: list[Variant] = []
        for technique in techniques:
            for restricted in (False, True) if technique.named else (False,):
                self._all.append(Variant(technique, restricted, len(self._all), table))
        self._tests = [(variant.relevant, variant.test, variant.bit) for variant in self._all]
        self.limited = sum(variant.bit for variant in self._all if variant.restricted)
        self.personal = sum(variant.bit for variant in self._all if variant.technique.personal)
        self._general = self.limited >> 1
        self._of_mask: dict[int, int] = {0: 0}
        self._in_order: dict[int, tuple[Variant, ...]] = {}

    def fires(self, held: int) -> int:
        """What ``held`` is enough for, a bit each."""
        found = self._of_mask.get(held)
        if found is None:
            found = 0
            for relevant, test, bit in self._tests:
                if relevant & held and test(held):
                    found |= bit
            self._of_mask[held] = found
        return found

    def without(self, fired: int, done: int) -> int:
        """``fired`` without what ``done`` does for any object; what is limited to names is kept, for these may be others."""
        general = done & ~self.limited
        return fired & ~(general | (general & self._general) << 1)

    def of(self, fired: int) -> tuple[Variant, ...]:
        """The variants of a set of bits, in order; of one technique the restricted form only where the other is not there."""
        found = self._in_order.get(fired)
        if found is None:
            found = self._in_order[fired] = tuple(self._each(fired))
        return found

    def _each(self, fired: int) -> Iterator[Variant]:
        while fired:
            lowest = fired & -fired
            fired ^= lowest
            variant = self._all[lowest.bit_length() - 1]
            yield variant
            if lowest & self._general:
                fired &= ~(lowest << 1)
