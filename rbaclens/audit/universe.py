"""All the atoms that the rules of one run ask for, one bit each, and what a policy rule or an ABAC line gives of them.

Each distinct policy rule is asked once, and only about the atoms that its resources could concern; whether it gives them
is the answer of ``rule_touches``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from rbaclens.audit.capability import Test, atoms, compiled, form
from rbaclens.audit.finding import EVERYWHERE
from rbaclens.audit.rule import NP, C, CapabilityRule, N
from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.matching import ALL, resource_entries, rule_touches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule

_ACROSS = frozenset({"list", "watch"})


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


class Universe:
    """The atoms of a set of capability rules, and which rules a set of atoms satisfies.

    ``reported`` are the ids of those that make findings (``None``: all); the others only say who amounts to cluster-admin.
    """

    def __init__(self, rules: Iterable[CapabilityRule], reported: Collection[str] | None = None) -> None:
        self._bits: dict[Pattern, int] = {}
        self._by_entry: dict[str, list[tuple[Pattern, int]]] = {}
        self._always: list[tuple[Pattern, int]] = []
        self._urls: list[tuple[Pattern, int]] = []
        self._local = 0
        self._fixed: dict[str, int] = {}
        self._of_rule: dict[PolicyRule, int] = {}
        self._fires: dict[int, int] = {0: 0}
        self._parts: dict[tuple[int, int, int], tuple[tuple[int, int], ...]] = {}
        self.variants: list[Variant] = []
        for rule in rules:
            for restricted in (False, True) if rule.named else (False,):
                self._add(rule, restricted)
        self.wanted = self._with(lambda rule: reported is None or rule.id in reported)
        self.cluster = self._with(lambda rule: C in rule.scores) & self.wanted
        self.local = self._with(lambda rule: N in rule.scores or NP in rule.scores) & self.wanted
        self.plain = sum(one.bit for one in self.variants if not one.restricted)
        self.admin_cluster = self._with(lambda rule: C in rule.admin) & self.plain
        self.admin_privileged = self._with(lambda rule: NP in rule.admin) & self.plain

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

    def within(self, namespace: str) -> int:
        """The atoms that a grant in ``namespace`` can give."""
        return self._local | self._fixed.get(namespace, 0)

    def rule_mask(self, rule: PolicyRule) -> int:
        """The atoms that a policy rule gives where it counts everywhere."""
        found = self._of_rule.get(rule)
        if found is None:
            found = self._of_rule[rule] = self._ask(rule)
        return found

    def rules_mask(self, rules: Sequence[PolicyRule]) -> int:
        """The atoms that several rules give together."""
        found = 0
        for rule in rules:
            found |= self.rule_mask(rule)
        return found

    def parts(self, role: Role, wanted: int, base: int) -> tuple[tuple[int, int], ...]:
        """The rules of a role that give some of ``wanted``: what each gives, and its number; those within ``base`` come last."""
        key = (id(role), wanted, base)
        found = self._parts.get(key)
        if found is None:
            masks = [(self.rule_mask(rule) & wanted, number) for number, rule in enumerate(role.rules)]
            given = [part for part in masks if part[0]]
            if base:
                given.sort(key=lambda part: not part[0] & ~base)
            found = self._parts[key] = tuple(given)
        return found

    def line_masks(self, line: AbacPolicy) -> Iterator[tuple[str, int]]:
        """Where an ABAC line gives what: its scope (EVERYWHERE or a namespace) and the atoms."""
        wide = narrow = 0
        for pattern, bit in self._bits.items():
            if policy_touches(line, pattern):
                if counts_everywhere(line, pattern):
                    wide |= bit
                elif line.namespace:
                    narrow |= bit
        if wide:
            yield EVERYWHERE, wide
        if narrow:
            yield line.namespace, narrow

    def _ask(self, rule: PolicyRule) -> int:
        found = 0
        if rule.non_resource_urls:
            for pattern, bit in self._urls:
                if rule_touches(rule, pattern):
                    found |= bit
        for pattern, bit in self._always:
            if rule_touches(rule, pattern):
                found |= bit
        for entry in rule.resources:
            for pattern, bit in self._by_entry.get(entry, ()):
                if not found & bit and rule_touches(rule, pattern):
                    found |= bit
        return found

    def _add(self, rule: CapabilityRule, restricted: bool) -> None:
        variant = Variant(rule, restricted, len(self.variants))

        def bit(pattern: Pattern) -> int:
            return self._bit(form(pattern, restricted))

        variant.test = compiled(rule.trigger, bit)
        for pattern in atoms(rule.trigger):
            variant.relevant |= bit(pattern)
        if rule.unless is not None:
            variant.blocked = compiled(rule.unless, lambda pattern: self._bit(form(pattern, False)))
        self.variants.append(variant)

    def _bit(self, pattern: Pattern) -> int:
        found = self._bits.get(pattern)
        if found is not None:
            return found
        bit = self._bits[pattern] = 1 << len(self._bits)
        if not pattern.is_resource:
            self._urls.append((pattern, bit))
            return bit
        if pattern.namespace is None:
            self._local |= bit
        elif pattern.namespace:
            self._fixed[pattern.namespace] = self._fixed.get(pattern.namespace, 0) | bit
        if pattern.resource is None or pattern.subresource is None:
            self._always.append((pattern, bit))
        else:
            for entry in resource_entries(pattern.resource, pattern.subresource):
                self._by_entry.setdefault(entry, []).append((pattern, bit))
        return bit

    def _with(self, wanted: Callable[[CapabilityRule], bool]) -> int:
        return sum(one.bit for one in self.variants if wanted(one.rule))


def counts_everywhere(line: AbacPolicy, pattern: Pattern) -> bool:
    """Whether an ABAC line that touches ``pattern`` gives it in the whole cluster.

    A path counts whatever the namespace (ABAC-23). A line without namespace speaks of the cluster scope alone (ABAC-20), where
    namespaced objects can be listed and watched, of all namespaces at once, and nothing else.
    """
    if line.namespace == ALL or not pattern.is_resource:
        return True
    return not line.namespace and (pattern.namespace == "" or pattern.verb in _ACROSS)
