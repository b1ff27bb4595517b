"""Held rules put together to a small set that means exactly the same.

Exactly: whatever request is asked, the two sets allow it or do not. That is stricter than the server's own coverage
(ESC-23): ``*/log`` does not swallow ``pods/log`` here, because a review may name ``pods/log`` whole as its resource (RBAC-14).
What an entry allows is asked of ``authorizers.matching``: it takes an entry of another list for the thing asked for, and
an entry ``*`` for one that only ``*`` allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec

from rbaclens.authorizers.matching import ALL, group_matches, name_matches, resource_matches, url_matches, verb_matches
from rbaclens.index.permissions import HeldRule
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.decision import Evidence
from rbaclens.model.rules import PolicyRule

Entries = tuple[str, ...]
Matches = Callable[[Sequence[str], str], bool]


def _entry_matches(resources: Sequence[str], entry: str) -> bool:
    return resource_matches(resources, entry, "")


def _names_match(names: Sequence[str], name: str) -> bool:
    return bool(names) and name_matches(names, name)


# The lists of a rule, in the order in which rules that differ in one of them alone are put together.
_AXES: dict[str, Matches] = {
    "verbs": verb_matches,
    "resource_names": _names_match,
    "resources": _entry_matches,
    "api_groups": group_matches,
    "non_resource_urls": url_matches,
}


def compact(held: Iterable[HeldRule]) -> tuple[HeldRule, ...]:
    """``held`` as fewer rules of the same meaning, in order of their first appearance.

    Rules that differ in one list alone become one, with the evidence of all; then what other rules hold together, in the
    same scope or everywhere, is dropped; over and over, until nothing changes. Compacting twice is compacting once.
    """
    found = [_tidy(one) for one in held if one.rule.verbs and (one.rule.non_resource_urls or (one.rule.api_groups and one.rule.resources))]
    while True:
        smaller = _drop(_merge(found))
        if len(smaller) == len(found):
            return tuple(smaller)
        found = smaller


def _tidy(held: HeldRule) -> HeldRule:
    """The rule without entries that others of the same list allow as well."""
    rule = held.rule
    lists = {axis: _reduced(getattr(rule, axis), matches) for axis, matches in _AXES.items()}
    if any(lists[axis] != getattr(rule, axis) for axis in _AXES):
        rule = PolicyRule(**lists)
    everything = ALL in rule.resources
    return HeldRule(held.scope, rule, held.evidence, held.with_subresources and not everything)


def _reduced(entries: Entries, matches: Matches) -> Entries:
    if len(entries) < 2:
        return entries
    kept: list[str] = []
    for entry in entries:
        if not matches(kept, entry):
            kept = [*(other for other in kept if not matches((entry,), other)), entry]
    return tuple(kept)


def _merge(held: list[HeldRule]) -> list[HeldRule]:
    for axis in _AXES:
        groups: dict[tuple[object, ...], list[HeldRule]] = {}
        for rule in held:
            groups.setdefault(_all_but(rule, axis), []).append(rule)
        if len(groups) < len(held):
            held = [_union(same, axis) for same in groups.values()]
    return held


def _all_but(held: HeldRule, axis: str) -> tuple[object, ...]:
    lists = (frozenset(getattr(held.rule, other)) for other in _AXES if other != axis)
    return held.scope, held.is_resource, held.with_subresources, *lists


def _union(same: list[HeldRule], axis: str) -> HeldRule:
    if len(same) == 1:
        return same[0]
    first, lists = same[0], [getattr(held.rule, axis) for held in same]
    # No names mean every name (RBAC-15): there, nothing is to be added.
    entries: Entries = () if axis == "resource_names" and () in lists else tuple(dict.fromkeys(entry for one in lists for entry in one))
    evidence: tuple[Evidence, ...] = tuple(one for held in same for one in held.evidence)
    return _tidy(HeldRule(first.scope, msgspec.structs.replace(first.rule, **{axis: entries}), evidence, first.with_subresources))


def _drop(held: list[HeldRule]) -> list[HeldRule]:
    """``held`` without what the others hold; of several that hold each other the first stays."""
    by_scope: dict[str, list[HeldRule]] = {}
    for rule in held:
        by_scope.setdefault(rule.scope, []).append(rule)
    everywhere = by_scope.pop(EVERYWHERE, [])
    kept = set(map(id, _drop_within(everywhere, [])))
    everywhere = [rule for rule in everywhere if id(rule) in kept]
    for rules in by_scope.values():
        kept.update(map(id, _drop_within(rules, everywhere)))
    return [rule for rule in held if id(rule) in kept]


def _drop_within(rules: list[HeldRule], everywhere: list[HeldRule]) -> list[HeldRule]:
    left = list(rules)
    for rule in reversed(rules):
        others = [other for other in (*everywhere, *left) if other is not rule and other.is_resource == rule.is_resource]
        if _held_together(rule, others):
            left = [other for other in left if other is not rule]
    return left


def _held_together(held: HeldRule, owners: list[HeldRule]) -> bool:
    """Whether each atom of the rule (ESC-21) is held by one of ``owners``."""
    rule = held.rule
    if not held.is_resource:
        axes: list[tuple[Entries, Callable[[HeldRule, str], bool]]] = [(rule.non_resource_urls, _owns_url), (rule.verbs, _owns_verb)]
    else:
        names = rule.resource_names
        owners = owners if names else [owner for owner in owners if not owner.rule.resource_names]
        axes = [(rule.resources, partial(_owns_resource, held)), (rule.api_groups, _owns_group), (rule.verbs, _owns_verb)]
        if names:
            axes.append((names, _owns_name))
    return _each_owned(axes, owners)


def _each_owned(axes: list[tuple[Entries, Callable[[HeldRule, str], bool]]], owners: list[HeldRule]) -> bool:
    if not axes or not owners:
        return bool(owners)
    (entries, owns), *rest = axes
    return all(_each_owned(rest, [owner for owner in owners if owns(owner, entry)]) for entry in entries)


def _owns_resource(held: HeldRule, owner: HeldRule, entry: str) -> bool:
    if ALL in owner.rule.resources:
        return True
    if held.with_subresources:
        return owner.with_subresources and _entry_matches(owner.rule.resources, entry)
    # ABAC's ``pods`` is the resource pods with any subresource; an RBAC entry ``pods/log`` may be that resource's whole name.
    return _entry_matches(owner.rule.resources, entry) and not (owner.with_subresources and "/" in entry)


def _owns_group(owner: HeldRule, entry: str) -> bool:
    return group_matches(owner.rule.api_groups, entry)


def _owns_verb(owner: HeldRule, entry: str) -> bool:
    return verb_matches(owner.rule.verbs, entry)


def _owns_name(owner: HeldRule, entry: str) -> bool:
    return name_matches(owner.rule.resource_names, entry)


def _owns_url(owner: HeldRule, entry: str) -> bool:
    return url_matches(owner.rule.non_resource_urls, entry)
