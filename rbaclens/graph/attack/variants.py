"""Techniques as tests of sets of atoms: which of them somebody can do with what they hold, all asked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import product
from operator import or_
from typing import NamedTuple

import msgspec

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.capability import AllOf, AnyOf, Atom, Expression, Test, atoms, compiled, form
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.naming import takes_name
from rbaclens.graph.attack.technique import Technique
from rbaclens.index.compile import CompiledRole
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.pattern import Pattern


class Given(NamedTuple):
    """What one rule of a role gives of a variant: the rule's number, the atoms, and those of them that it gives for ``names`` only."""

    number: int
    atoms: int
    limited: int
    names: tuple[str, ...]

    def about(self, name: str) -> int:
        """The atoms that it gives about the object ``name``."""
        return self.atoms if name in self.names else self.atoms & ~self.limited


class Variant:
    """A technique for any object, or (``restricted``) for certain names only, which has the next bit.

    ``atoms`` are the bits of its patterns in the order of its needs, ``relevant`` all of them, ``named`` those that are about the object
    whose name a grant may be limited to. ``clauses`` are the needs as sets of atoms: some of each is needed.
    """

    __slots__ = ("_given", "_table", "atoms", "bit", "clauses", "named", "relevant", "restricted", "technique")

    def __init__(self, technique: Technique, restricted: bool, number: int, table: AtomTable, verb: str) -> None:
        self._table = table
        self._given: dict[CompiledRole, tuple[Given, ...]] = {}
        self.technique = technique
        self.restricted = restricted
        self.bit = 1 << number

        def bit(pattern: Pattern) -> int:
            some_name = pattern.resource in technique.any_name or (restricted and pattern.resource in technique.named)
            asked = form(pattern, some_name)
            return table.bit(msgspec.structs.replace(asked, verb=f"{verb}{asked.verb}") if verb else asked)

        self.clauses = tuple(_clauses(technique.needs, bit))
        patterns = tuple(dict.fromkeys(atoms(technique.needs)))
        self.atoms = tuple(map(bit, patterns))
        self.relevant = 0
        self.named = 0
        for pattern, own in zip(patterns, self.atoms, strict=True):
            self.relevant |= own
            if restricted and pattern.resource in technique.named and takes_name(technique, pattern):
                self.named |= own

    def is_enough(self, held: int) -> bool:
        """Whether somebody who holds these atoms can do it."""
        return all(held & clause for clause in self.clauses)

    def given_by(self, role: CompiledRole) -> tuple[Given, ...]:
        """What the rules of a role give of it, where they count everywhere; those that give nothing are left out."""
        found = self._given.get(role)
        if found is None:
            found = self._given[role] = tuple(self._of_rules(role))
        return found

    def _of_rules(self, role: CompiledRole) -> Iterator[Given]:
        for number, rule in enumerate(role.rules):
            mask = self._table.rule_mask(rule) & self.relevant
            if mask:
                yield Given(number, mask, mask & self.named if rule.resource_names else 0, rule.resource_names)


class Variants:
    """All of them, a bit each; remembers the answer for each set of atoms. ``verb`` is asked before every verb of the techniques."""

    def __init__(self, techniques: Iterable[Technique], verb: str = "") -> None:
        self.table = AtomTable()
        self._techniques = tuple(techniques)
        self._all: list[Variant] = []
        self._by_id: dict[tuple[str, bool], Variant] = {}
        for technique in self._techniques:
            for restricted in (False, True) if technique.named else (False,):
                variant = Variant(technique, restricted, len(self._all), self.table, verb)
                self._all.append(variant)
                self._by_id[technique.id, restricted] = variant
        self._clauses = [(variant.clauses, variant.bit) for variant in self._all]
        self.limited = sum(variant.bit for variant in self._all if variant.restricted)
        self.personal = sum(variant.bit for variant in self._all if variant.technique.personal)
        self._general = self.limited >> 1
        self._of_mask: dict[int, int] = {0: 0}
        self._in_order: dict[int, tuple[Variant, ...]] = {}
        self._of_expression: dict[tuple[int, bool], tuple[Expression, Test | None]] = {}
        self._of_line: dict[int, tuple[AbacPolicy, dict[str, int]]] = {}
        self._through: dict[str, Variants] = {}

    def through(self, verb: str) -> Variants:
        """The same with ``verb`` before every verb; each atom has the bit that it has here without."""
        found = self._through.get(verb)
        if found is None:
            found = self._through[verb] = Variants(self._techniques, verb)
        return found

    def variant(self, technique: Technique, *, restricted: bool) -> Variant:
        """One form of a technique."""
        return self._by_id[technique.id, restricted]

    def of_line(self, line: AbacPolicy, scope: str) -> int:
        """The atoms that an ABAC line gives in a scope."""
        found = self._of_line.get(id(line))
        if found is None:
            found = self._of_line[id(line)] = line, dict(self.table.line_masks(line))
        _, by_scope = found
        return by_scope.get(EVERYWHERE, 0) | by_scope.get(scope, 0)

    def test_of(self, wanted: Expression, restricted: bool) -> Test | None:
        """An expression, held for any object or for some name, as a test of a set of atoms; ``None``: something in it is no atom."""
        known = self._of_expression.get((id(wanted), restricted))
        if known is None:
            bits = self.table.bits
            is_known = all(form(pattern, restricted) in bits for pattern in atoms(wanted))
            test = compiled(wanted, lambda pattern: bits[form(pattern, restricted)]) if is_known else None
            # The expression is kept, so that no other is ever found under its id.
            known = self._of_expression[id(wanted), restricted] = (wanted, test)
        return known[1]

    def fires(self, held: int) -> int:
        """What ``held`` is enough for, a bit each."""
        found = self._of_mask.get(held)
        if found is None:
            found = 0
            for clauses, bit in self._clauses:
                for clause in clauses:
                    if not held & clause:
                        break
                else:
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


def _clauses(needs: Expression, bit: Callable[[Pattern], int]) -> list[int]:
    """Sets of atoms of each of which some is needed: the conjunctive normal form, without sets that another makes superfluous."""
    if isinstance(needs, Atom):
        return [bit(needs.pattern)]
    assert isinstance(needs, (AllOf, AnyOf))  # noqa: S101
    parts = [_clauses(part, bit) for part in needs.parts]
    found = {clause for part in parts for clause in part} if isinstance(needs, AllOf) else {reduce(or_, some) for some in product(*parts)}
    return sorted(clause for clause in found if not any(other != clause and other & clause == other for other in found))
