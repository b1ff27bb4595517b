"""Aggregated ClusterRoles: what the controller would write into their rules (RBAC-40 to RBAC-45)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from rbaclens.model.metadata_validation import label_key_errors, label_value_errors
from rbaclens.model.objects import Role, RuleOrigin
from rbaclens.model.rules import LabelSelector, PolicyRule, SelectorRequirement

Matcher = Callable[[Mapping[str, str]], bool]
Gathered = dict[PolicyRule, RuleOrigin]


def aggregate_roles(roles: Sequence[Role]) -> tuple[Role, ...]:
    """``roles`` with the rules of every aggregated ClusterRole replaced by the gathered ones, in the same order.

    Aggregated roles start without rules, so that the result is the least fixed point and hand-written rules in them are
    lost (RBAC-43); each one's ``gathered`` then names the role that wrote a rule, never an aggregated one in between. A
    role with a selector that cannot be parsed keeps its stored rules. Several roles of one name must not be given.
    """
    cluster_roles = sorted((role for role in roles if role.kind == "ClusterRole"), key=lambda role: role.name)
    sources = {role.name: found for role in cluster_roles if (found := _sources(role, cluster_roles)) is not None}
    if not sources:
        return tuple(roles)
    gathered = _fixed_point(sources)
    return tuple(_filled(role, gathered[role.name]) if role.kind == "ClusterRole" and role.name in gathered else role for role in roles)


def _sources(role: Role, cluster_roles: list[Role]) -> list[Role] | None:
    """Where the rules of ``role`` come from: by selector, then by name, never itself (RBAC-41); ``None``: it is left alone."""
    if role.aggregation is None:
        return None
    matchers = [selector_matcher(selector) for selector in role.aggregation.selectors]
    found: dict[str, Role] = {}
    for matcher in matchers:
        if matcher is None:
            return None
        # A second meeting of a role adds nothing: all of its rules are there already.
        found.update((other.name, other) for other in cluster_roles if other.name not in found and matcher(other.labels))
    found.pop(role.name, None)
    return list(found.values())


def _fixed_point(sources: Mapping[str, Sequence[Role]]) -> dict[str, Gathered]:
    """The rules of the aggregated roles once nothing changes any more (RBAC-44)."""
    gathered: dict[str, Gathered] = {name: {} for name in sources}
    # One round per role carries every rule along the longest chain; as many again let the order of rules settle, which
    # roles that select one another could otherwise swap for ever.
    for _ in range(2 * len(sources) + 1):
        changed = False
        for name, found in sources.items():
            rules = _gather(found, gathered)
            if list(rules) != list(gathered[name]):
                gathered[name], changed = rules, True
        if not changed:
            break
    return gathered


def _gather(found: Sequence[Role], gathered: Mapping[str, Gathered]) -> Gathered:
    rules: Gathered = {}
    for role in found:
        inner = gathered.get(role.name)
        if inner is None:
            for index, rule in enumerate(role.rules):
                if rule not in rules:
                    rules[rule] = RuleOrigin(role, index)
        else:
            for rule, origin in inner.items():
                rules.setdefault(rule, origin)
    return rules


def _filled(role: Role, rules: Gathered) -> Role:
    return msgspec.structs.replace(role, rules=tuple(rules), gathered=tuple(rules.values()))


def selector_matcher(selector: LabelSelector) -> Matcher | None:
    """A test of labels against ``selector``; ``None`` when the API server's parser would refuse it (RBAC-43).

    All requirements must hold; without any, every object matches (RBAC-42).
    """
    wanted = selector.match_labels or {}
    expressions = selector.match_expressions or ()
    if not all(_requirement_parses(one) for one in expressions):
        return None
    if any(label_key_errors(key) or label_value_errors(value) for key, value in wanted.items()):
        return None
    equal = wanted.items()

    def matches(labels: Mapping[str, str]) -> bool:
        return equal <= labels.items() and all(_holds(one, labels) for one in expressions)

    return matches


def _requirement_parses(requirement: SelectorRequirement) -> bool:
    if requirement.operator in ("In", "NotIn"):
        shape = bool(requirement.values)
    else:
        shape = requirement.operator in ("Exists", "DoesNotExist") and not requirement.values
    return shape and not label_key_errors(requirement.key) and not any(label_value_errors(value) for value in requirement.values)


def _holds(requirement: SelectorRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    if requirement.operator == "In":
        return value is not None and value in requirement.values
    if requirement.operator == "NotIn":
        return value is None or value not in requirement.values
    return (value is not None) == (requirement.operator == "Exists")
