"""Atoms (one verb on one resource or URL) and rules as bit masks over them.

Every question about many subjects and many permissions at once is a handful of integer operations on these masks. What
``*`` means is asked of ``authorizers.matching``, entry by entry; an axis of a rule allows what one of its entries allows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache
from typing import Generic, TypeVar

import msgspec

from rbaclens.authorizers.matching import ALL, group_matches, resource_matches, url_matches, verb_matches
from rbaclens.index.permissions import HeldRule
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource

V = TypeVar("V", bound=Hashable)


class Target(msgspec.Struct, frozen=True, order=True):
    """What a verb is done to: a resource of a group with its subresource, or (``path`` set) a non-resource URL."""

    path: str = ""
    api_group: str = ""
    resource: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        """``pods/log``, ``deployments.apps/scale``, ``/healthz``."""
        if self.path:
            return self.path
        name = f"{self.resource}.{self.api_group}" if self.api_group else self.resource
        return f"{name}/{self.subresource}" if self.subresource else name


class Atom(msgspec.Struct, frozen=True, order=True):
    """One verb on one target, taken literally: ``*`` is what only a rule with ``*`` allows."""

    target: Target
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.target}"


def resource_target(api_group: str, entry: str) -> Target:
    """The target that an entry of a rule's ``resources`` names (RBAC-11)."""
    resource, _, subresource = entry.partition("/")
    return Target("", api_group, resource, subresource) if subresource else Target("", api_group, entry)


def mentioned_atoms(policy: PolicySet) -> tuple[Atom, ...]:
    """Every atom that a role's rule or an ABAC line names, wildcards as they are written; sorted, URLs last."""
    found: set[tuple[str, str, str]] = set()
    urls: set[tuple[str, str]] = set()
    for rule in {rule for role in policy.roles for rule in role.rules}:
        found.update((group, entry, verb) for group in rule.api_groups for entry in rule.resources for verb in rule.verbs)
        urls.update((url, verb) for url in rule.non_resource_urls if url for verb in rule.verbs)
    for line in policy.abac or ():
        verbs = ("get", "list", "watch") if line.readonly else (ALL,)
        if line.resource:
            found.update((line.api_group, line.resource, verb) for verb in verbs)
        if line.non_resource_path:
            urls.update((line.non_resource_path, verb) for verb in verbs)
    target = cache(resource_target)
    atoms = {Atom(target(group, entry), verb) for group, entry, verb in found}
    return in_order(atoms | {Atom(Target(url), verb) for url, verb in urls})


def served_atoms(resources: Iterable[ApiResource]) -> tuple[Atom, ...]:
    """Every verb that is served on every resource and subresource, in any version; sorted."""
    found: set[Atom] = set()
    for served in resources:
        found.update(Atom(Target("", served.group, served.resource), verb) for verb in served.verbs)
        for sub in served.subresources:
            found.update(Atom(Target("", served.group, served.resource, sub.name), verb) for verb in sub.verbs)
    return in_order(found)


_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_RANK = {verb: rank for rank, verb in enumerate(_VERBS)}


def verb_order(verb: str) -> tuple[int, str]:
    """A key that sorts reading before writing, and rarer verbs behind, by name."""
    return _RANK.get(verb, len(_RANK)), verb


def in_order(atoms: Iterable[Atom]) -> tuple[Atom, ...]:
    """``atoms``, once each, by target and verb."""
    return tuple(sorted(set(atoms), key=lambda atom: (atom.target, verb_order(atom.verb))))


class _Axis(Generic[V]):
    """For each value of one axis the atoms that have it; for a rule's list the atoms that it allows on this axis."""

    def __init__(self, matches: Callable[[Sequence[str], V], bool]) -> None:
        self._matches = matches
        self._bits: dict[V, int] = {}
        self._of_entry: dict[str, int] = {}

    def add(self, value: V, bit: int) -> None:
        self._bits[value] = self._bits.get(value, 0) | bit

    def mask(self, entries: Iterable[str]) -> int:
        found = 0
        for entry in entries:
            bits = self._of_entry.get(entry)
            if bits is None:
                bits = 0
                for value, having in self._bits.items():
                    if self._matches((entry,), value):
                        bits |= having
                self._of_entry[entry] = bits
            found |= bits
        return found


class AtomMasks:
    """Rules as masks over ``atoms``: bit number i stands for ``atoms[i]``."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self.atoms = tuple(atoms)
        self._verbs = _Axis(verb_matches)
        self._groups = _Axis(group_matches)
        self._resources: _Axis[tuple[str, str]] = _Axis(lambda entries, both: resource_matches(entries, *both))
        self._whole: _Axis[str] = _Axis(lambda entries, resource: resource_matches(entries, resource, ""))
        self._urls = _Axis(url_matches)
        self._memo: dict[tuple[object, ...], int] = {}
        for number, atom in enumerate(self.atoms):
            bit, target = 1 << number, atom.target
            self._verbs.add(atom.verb, bit)
            if target.path:
                self._urls.add(target.path, bit)
            else:
                self._groups.add(target.api_group, bit)
                self._resources.add((target.resource, target.subresource), bit)
                self._whole.add(target.resource, bit)

    def of(self, held: HeldRule) -> int:
        """The atoms that the rule allows, on some name at least; ABAC does not look at subresources (ABAC-21)."""
        rule = held.rule
        # Names and evidence do not matter here, and most rules share their lists with others.
        key = (rule.verbs, rule.api_groups, rule.resources, rule.non_resource_urls, held.with_subresources)
        mask = self._memo.get(key)
        if mask is None:
            if held.is_resource:
                resources = self._whole if held.with_subresources else self._resources
                mask = resources.mask(rule.resources) & self._groups.mask(rule.api_groups) & self._verbs.mask(rule.verbs)
            else:
                mask = self._urls.mask(rule.non_resource_urls) & self._verbs.mask(rule.verbs)
            self._memo[key] = mask
        return mask


def bits(mask: int) -> tuple[int, ...]:
    """The numbers of the bits that are set, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)
