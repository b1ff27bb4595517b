"""Atoms, one bit each, and what a policy rule or an ABAC line gives of them.

Each distinct policy rule is asked once, and only about the atoms that its resources could concern; whether it gives them
is the answer of ``rule_touches``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rbaclens.analysis.capability import ACROSS
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.matching import ALL, resource_entries, rule_touches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule

_OTHER_NAME = "\0"
"""Stands for every name that no atom names; no object is called that."""
_Part = tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]
"""Verbs, API groups, one resource and the object names of a rule."""
_Alike = dict[tuple[str | None, str | None], tuple[Pattern, int]]
"""Atoms of one verb that differ in what one entry of ``resources`` covers, by API group and name: one of them, and all of their bits."""


class AtomTable:
    """A set of atoms that grows by :meth:`bit`; every atom has to be there before the first rule is asked."""

    def __init__(self) -> None:
        self._bits: dict[Pattern, int] = {}
        self._by_entry: dict[str, dict[str | None, _Alike]] = {}
        self._always: list[tuple[Pattern, int]] = []
        self._urls: list[tuple[Pattern, int]] = []
        self._local = 0
        self._fixed: dict[str, int] = {}
        self._names: set[str] = set()
        self._of_rule: dict[PolicyRule, int] = {}
        self._of_part: dict[_Part, int] = {}
        self._of_role: dict[int, tuple[int, ...]] = {}
        self._parts: dict[tuple[int, int, int], tuple[tuple[int, int], ...]] = {}

    def bit(self, pattern: Pattern) -> int:
        """The bit of an atom."""
        found = self._bits.get(pattern)
        if found is not None:
            return found
        bit = self._bits[pattern] = 1 << len(self._bits)
        if pattern.name is not None:
            self._names.add(pattern.name)
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
                alike = self._by_entry.setdefault(entry, {}).setdefault(pattern.verb, {})
                first, bits = alike.get((pattern.api_group, pattern.name), (pattern, 0))
                alike[pattern.api_group, pattern.name] = first, bits | bit
        return bit

    def within(self, namespace: str) -> int:
        """The atoms that a grant in ``namespace`` can give."""
        return self._local | self._fixed.get(namespace, 0)

    @property
    def namespaced(self) -> int:
        """The atoms that grants in all namespaces together can give."""
        found = self._local
        for mask in self._fixed.values():
            found |= mask
        return found

    @property
    def bits(self) -> Mapping[Pattern, int]:
        """Every atom with its bit."""
        return self._bits

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
            given = [(mask & wanted, number) for number, mask in enumerate(self._masks(role)) if mask & wanted]
            if base:
                given.sort(key=lambda part: not part[0] & ~base)
            found = self._parts[key] = tuple(given)
        return found

    def _masks(self, role: Role) -> tuple[int, ...]:
        found = self._of_role.get(id(role))
        if found is None:
            found = self._of_role[id(role)] = tuple(map(self.rule_mask, role.rules))
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
        if not rule.resources:
            return found
        names = rule.resource_names
        if names:
            # All the names that no atom names come to the same, but for the empty one.
            names = (*(name for name in names if name in self._names), _OTHER_NAME if any(names) else "")
        for entry in rule.resources:
            # What a rule gives is what it gives of each of its resources; thousands of rules are made of few such parts.
            part = (rule.verbs, rule.api_groups, entry, names)
            mask = self._of_part.get(part)
            if mask is None:
                mask = self._of_part[part] = self._ask_part(PolicyRule(rule.verbs, rule.api_groups, (entry,), names))
            found |= mask
        return found

    def _ask_part(self, rule: PolicyRule) -> int:
        found = 0
        for pattern, bit in self._always:
            if _gives(rule, pattern):
                found |= bit
        for alike in _of_verbs(self._by_entry.get(rule.resources[0], {}), rule.verbs):
            for pattern, bits in alike.values():
                if _gives(rule, pattern):
                    found |= bits
        return found


def _gives(rule: PolicyRule, pattern: Pattern) -> bool:
    """Whether the rule gives an atom. Limited to the empty name it gives what is asked without one, and not one object (RBAC-15)."""
    nothing = pattern.name is None and rule.resource_names and not any(rule.resource_names)
    return not nothing and rule_touches(rule, pattern)


def _of_verbs(by_verb: Mapping[str | None, _Alike], verbs: Sequence[str]) -> Iterable[_Alike]:
    """The atoms that verbs of a rule could concern."""
    return by_verb.values() if ALL in verbs else [by_verb[verb] for verb in (*verbs, None) if verb in by_verb]


def counts_everywhere(line: AbacPolicy, pattern: Pattern) -> bool:
    """Whether an ABAC line that touches ``pattern`` gives it in the whole cluster.

    A path counts whatever the namespace (ABAC-23). A line without namespace speaks of the cluster scope alone (ABAC-20), where
    namespaced objects can be listed and watched, of all namespaces at once, and nothing else.
    """
    if line.namespace == ALL or not pattern.is_resource:
        return True
    return not line.namespace and (pattern.namespace == "" or pattern.verb in ACROSS)
