"""All the atoms that the capability rules of one run ask for, and which rules a set of atoms satisfies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.capability import Test, atoms, compiled, form
from rbaclens.audit.rule import NP, C, CapabilityRule, N
from rbaclens.model.pattern import Pattern


class Variant:
    """A capability rule in one of its two forms: held for any object, or (``restricted``) for certain names only."""

    __slots__ = ("bit", "blocked", "relevant", "restricted", "rule", "test")

    def __init__(self, rule: CapabilityRule, restricted: bool, number: int) -> None:
        self.rule = rule
        self.restricted = restricted
        self.bit = 1 << number
        self.relevant = 0
        self.test: Test = bool
        self.blocked: Test | None = None


class Universe(AtomTable):
    """The atoms of a set of capability rules, and which rules a set of atoms satisfies.

    ``reported`` are the ids of those that make findings (``None``: all); the others only say who amounts to cluster-admin.
    """

    def __init__(self, rules: Iterable[CapabilityRule], reported: Collection[str] | None = None) -> None:
        super().__init__()
        self._fires: dict[int, int] = {0: 0}
        self.variants: list[Variant] = []
        for rule in rules:
            for restricted in (False, True) if rule.named else (False,):
                self._add(rule, restricted)
        self.wanted = self._with(lambda rule: reported is None or rule.id in reported)
        self.cluster = self._with(lambda rule: C in rule.scores) & self.wanted
        self.local = self._with(lambda rule: N in rule.scores or NP in rule.scores) & self.wanted
        self.plain = sum(one.bit for one in self.variants if not one.restricted)
        by_scope = {scope: self._with(lambda rule, scope=scope: scope in rule.admin) for scope in (C, NP)}  # type: ignore[misc]
        names_matter = self._with(lambda rule: rule.sensitive is not None)
        self.admin = {scope: rules & self.plain for scope, rules in by_scope.items()}
        self.admin_by_name = {scope: rules & ~self.plain & names_matter for scope, rules in by_scope.items()}

    def fires(self, held: int) -> int:
        """The variants whose trigger ``held`` satisfies, a bit each."""
        found = self._fires.get(held)
        if found is None:
            found = 0
            for one in self.variants:
                if one.test(held):
                    found |= one.bit
            self._fires[held] = found
        return found

    def of(self, fired: int) -> Iterator[Variant]:
        """The variants of a set of bits, in order; of one rule the restricted form only where the other is not there."""
        before: Variant | None = None
        for one in self.variants:
            if one.bit & fired:
                if not (one.restricted and before is not None and before.rule is one.rule):
                    yield one
                before = one

    def _add(self, rule: CapabilityRule, restricted: bool) -> None:
        variant = Variant(rule, restricted, len(self.variants))

        def bit(pattern: Pattern) -> int:
            return self.bit(form(pattern, restricted))

        variant.test = compiled(rule.trigger, bit)
        for pattern in atoms(rule.trigger):
            variant.relevant |= bit(pattern)
        if rule.unless is not None:
            variant.blocked = compiled(rule.unless, lambda pattern: self.bit(form(pattern, False)))
        self.variants.append(variant)

    def _with(self, wanted: Callable[[CapabilityRule], bool]) -> int:
        return sum(one.bit for one in self.variants if wanted(one.rule))
