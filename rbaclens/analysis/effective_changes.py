"""What changes of objects mean for people: which subject may do more or less now, where, and by what.

Rights are RBAC's, compared atom by atom (ESC-21) with the server's coverage (ESC-23): what somebody holds by another grant,
their own or that of a group which membership implies, was not gained and is not lost. What nodes, webhooks and ABAC lines
allow beside is not looked at, and nothing changes for the privileged group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from rbaclens.analysis.compact import compact
from rbaclens.analysis.coverage import Coverage, break_down
from rbaclens.authorizers.rbac import role_key
from rbaclens.index.compile import Bound, Holdings
from rbaclens.index.editing import Principal, principals
from rbaclens.index.incremental import LivePolicy, Update
from rbaclens.index.permissions import HeldRule
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.change import ObjectChange, ObjectKey
from rbaclens.model.identity import AUTHENTICATED, MASTERS, SERVICE_ACCOUNTS, UNAUTHENTICATED, implied_groups, parse_service_account
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule

Rules = tuple[PolicyRule, ...]
Holding = tuple[Principal, str]
"""Who, and in which namespace (EVERYWHERE: by ClusterRoleBindings)."""


class EffectiveChange(msgspec.Struct, frozen=True):
    """One subject gained or lost one rule.

    ``kind`` is User, Group or ServiceAccount (``name`` then is ``namespace/name``). ``scopes`` are namespaces, or EVERYWHERE
    alone, and then nothing changed in those of ``except_in``, where other grants hold. ``bindings`` grant it now, or did so
    before; ``causes`` are the object changes that brought it about.
    """

    gained: bool
    kind: str
    name: str
    scopes: tuple[str, ...]
    rule: PolicyRule
    bindings: tuple[Binding, ...]
    causes: tuple[ObjectChange, ...]
    except_in: tuple[str, ...] = ()


class _Rights(msgspec.Struct):
    """What a holding amounts to at one moment: rules in force in its scope, and for EVERYWHERE those of each namespace beside."""

    rules: Rules
    local: Mapping[str, Rules]


class _Moment(msgspec.Struct):
    """The state before or after: the rights of everybody concerned, and what the bindings concerned give them."""

    rights: dict[Holding, _Rights]
    given: dict[Holding, list[tuple[Binding, Rules]]]


_Place = tuple[str, str]
"""Namespace and name of a binding."""


class _Difference(NamedTuple):
    """What one side holds by the bindings ``by`` and the other does not, but in the namespaces ``exceptions``."""

    exceptions: tuple[str, ...]
    by: dict[_Place, Binding]
    rules: list[PolicyRule]


class _Told(NamedTuple):
    """What makes two differences one, but for the namespace."""

    principal: Principal
    rule: PolicyRule
    everywhere: bool
    exceptions: tuple[str, ...]


def effective_changes(live: LivePolicy, changes: Iterable[ObjectChange]) -> tuple[EffectiveChange, ...]:
    """Apply ``changes`` to ``live``, all at once, and tell what they mean: by subject, what was lost before what was gained."""
    update = live.plan(changes)
    before_bindings, after_bindings = _concerned(live, update)
    concerned = {holding for binding in (*before_bindings, *after_bindings) for holding in _holdings_of(binding)}
    before = _moment(live, concerned, before_bindings)
    live.apply(update)
    after = _moment(live, concerned, after_bindings)
    told = _Teller(update)
    lost = told.differences(before, after, gained=False)
    gained = told.differences(after, before, gained=True)
    return tuple(sorted((*lost, *gained), key=lambda one: (one.kind, one.name, one.gained)))


def _concerned(live: LivePolicy, update: Update) -> tuple[list[Binding], list[Binding]]:
    """The bindings that change or whose role does: as they are before, and as they will be."""
    replaced = {id(one.before) for one in update.bindings}
    same = [binding for role in update.roles for binding in live.bindings_of(role.key) if id(binding) not in replaced]
    before = [one.before for one in update.bindings if one.before is not None]
    after = [one.after for one in update.bindings if one.after is not None]
    return [*same, *before], [*same, *after]


def _holdings_of(binding: Binding) -> Iterator[Holding]:
    """Whom a binding concerns; the privileged group may do everything anyway (ATTR-25)."""
    scope = binding.namespace or EVERYWHERE
    return ((principal, scope) for principal in principals(binding) if principal != (True, MASTERS))


def _moment(live: LivePolicy, concerned: Iterable[Holding], bindings: Iterable[Binding]) -> _Moment:
    given: dict[Holding, list[tuple[Binding, Rules]]] = {}
    for binding in bindings:
        rules = live.rules_of(binding)
        for holding in _holdings_of(binding):
            given.setdefault(holding, []).append((binding, rules))
    return _Moment({holding: _rights(live, holding) for holding in concerned}, given)


def _rights(live: LivePolicy, holding: Holding) -> _Rights:
    (is_group, name), scope = holding
    table = live.index.groups if is_group else live.index.users
    found = [table.get(name), *(live.index.groups.get(group) for group in _implied(is_group, name))]
    held = [holdings for holdings in found if holdings is not None]
    cluster = [bound for holdings in held for bound in holdings.cluster]
    if scope != EVERYWHERE:
        local = (bound for holdings in held for bound in holdings.local.get(scope, ()))
        return _Rights((*_cluster_rules(_rules(cluster)), *_resource_rules(_rules(local))), {})
    return _Rights(_cluster_rules(_rules(cluster)), _local_rules(held))


def _local_rules(held: Sequence[Holdings]) -> Mapping[str, Rules]:
    found: dict[str, Rules] = {}
    for holdings in held:
        for namespace, bounds in holdings.local.items():
            found[namespace] = (*found.get(namespace, ()), *_resource_rules(_rules(bounds)))
    return found


def _rules(bounds: Iterable[Bound]) -> Rules:
    return tuple(rule for bound in bounds if bound.role is not None for rule in bound.role.rules)


def _cluster_rules(rules: Rules) -> Rules:
    """Rules that speak of resources or of URLs, never of both: names count for the one and not for the other (RBAC-08)."""
    if not any(rule.non_resource_urls and (rule.resources or rule.resource_names) for rule in rules):
        return rules
    urls = (PolicyRule(verbs=rule.verbs, non_resource_urls=rule.non_resource_urls) for rule in rules if rule.non_resource_urls)
    return (*_resource_rules(rules), *urls)


def _resource_rules(rules: Iterable[PolicyRule]) -> Rules:
    """What counts of rules that are bound in a namespace: URLs do not (RBAC-29)."""
    return tuple(rule if not rule.non_resource_urls else msgspec.structs.replace(rule, non_resource_urls=()) for rule in rules)


def _implied(is_group: bool, name: str) -> tuple[str, ...]:
    """The groups that a user, or everybody in a group, is in as well (ATTR-14 to ATTR-16)."""
    if not is_group:
        return implied_groups(name)
    if name in (AUTHENTICATED, UNAUTHENTICATED):
        return ()
    return (SERVICE_ACCOUNTS, AUTHENTICATED) if name.startswith(f"{SERVICE_ACCOUNTS}:") else (AUTHENTICATED,)


class _Teller:
    """Finds and words the differences that one update makes."""

    def __init__(self, update: Update) -> None:
        self._update = update

    def differences(self, here: _Moment, there: _Moment, *, gained: bool) -> list[EffectiveChange]:
        """What is held ``here`` by the bindings concerned and not ``there``; equal ones of several namespaces as one."""
        merged: dict[_Told, tuple[list[str], dict[_Place, Binding]]] = {}
        everywhere: dict[Principal, set[PolicyRule]] = {}
        for holding in sorted(here.given, key=lambda one: (one[1] != EVERYWHERE, one)):
            principal, scope = holding
            known = everywhere.setdefault(principal, set())
            for missing in _missing(here.given[holding], there.rights[holding], scope, known):
                for rule in _compacted(tuple(missing.rules)):
                    told = _Told(principal, rule, scope == EVERYWHERE, missing.exceptions)
                    scopes, by = merged.setdefault(told, ([], {}))
                    scopes.append(scope)
                    by.update(missing.by)
        return [self._change(gained, told, scopes, by.values()) for told, (scopes, by) in merged.items()]

    def _change(self, gained: bool, told: _Told, scopes: list[str], by: Iterable[Binding]) -> EffectiveChange:
        kind, name = _subject(told.principal)
        bindings = tuple(sorted(by, key=lambda one: (one.namespace, one.name)))
        causes = self._causes(bindings, gained)
        return EffectiveChange(gained, kind, name, tuple(dict.fromkeys(scopes)), told.rule, bindings, causes, told.exceptions)

    def _causes(self, bindings: Sequence[Binding], gained: bool) -> tuple[ObjectChange, ...]:
        """The object changes that concern ``bindings``; one that cannot be told apart is all of them."""
        changes = self._update.changes
        if len(changes) == 1:
            return changes
        keys: set[ObjectKey] = {(one.kind, one.namespace, one.name) for one in bindings}
        roles = {role_key(one) for one in bindings}
        for change in self._update.roles:
            role = change.after if gained else change.before
            if change.key in roles:
                keys.add(change.key)
                keys.update(_written_in(role))
        found = tuple(change for change in changes if change.key in keys)
        return found or tuple(change for change in changes if change.kind == "ClusterRole")


@lru_cache(maxsize=4096)
def _compacted(rules: Rules) -> Rules:
    """``rules`` put together; remembered, as hundreds of subjects of one role differ by the same ones."""
    return tuple(held.rule for held in compact(HeldRule(EVERYWHERE, rule, ()) for rule in rules))


def _written_in(role: Role | None) -> set[ObjectKey]:
    return {("ClusterRole", "", source.role.name) for source in role.gathered} if role is not None else set()


def _missing(given: Sequence[tuple[Binding, Rules]], other: _Rights, scope: str, everywhere: set[PolicyRule]) -> Iterable[_Difference]:
    """What ``other`` does not cover of ``given``, put together where it agrees in all else: atoms, or rules of which it covers nothing.

    ``everywhere`` collects what differs in every namespace, so that it is not told again of one.
    """
    found: dict[PolicyRule, list[Binding]] = {}
    known = set(other.rules)
    coverage: Coverage | None = None
    # Rules can stay whole where nothing tells their atoms apart: neither bindings, nor namespaces.
    whole = len(given) == 1 and not other.local and not everywhere
    for binding, rules in given:
        fresh = [rule for rule in (_cluster_rules(rules) if scope == EVERYWHERE else _resource_rules(rules)) if rule not in known]
        if fresh:
            coverage = coverage or Coverage(other.rules)
            for one in _uncovered(coverage, fresh) if whole else coverage.missing(fresh):
                found.setdefault(one, []).append(binding)
    if scope == EVERYWHERE:
        everywhere.update(break_down(found))
    elif everywhere:
        found = {atom: bindings for atom, bindings in found.items() if atom not in everywhere}
    return _differences(found, other.local)


def _uncovered(coverage: Coverage, rules: Iterable[PolicyRule]) -> Iterator[PolicyRule]:
    for rule in rules:
        atoms = coverage.missing((rule,))
        number = len(rule.api_groups) * len(rule.resources) * max(1, len(rule.resource_names)) + len(rule.non_resource_urls)
        if atoms and len(atoms) == number * len(rule.verbs):
            yield rule
        else:
            yield from atoms


def _differences(missing: Mapping[PolicyRule, list[Binding]], local: Mapping[str, Rules]) -> Iterable[_Difference]:
    """``missing`` by the namespaces of ``local`` that cover it all the same, and by the bindings."""
    coverages = [(namespace, Coverage(rules)) for namespace, rules in sorted(local.items())] if missing else []
    found: dict[tuple[tuple[str, ...], tuple[_Place, ...]], _Difference] = {}
    for one, bindings in missing.items():
        exceptions = tuple(namespace for namespace, held in coverages if not held.missing((one,)))
        by = {(binding.namespace, binding.name): binding for binding in bindings}
        found.setdefault((exceptions, tuple(by)), _Difference(exceptions, by, [])).rules.append(one)
    return found.values()


def _subject(principal: Principal) -> tuple[str, str]:
    is_group, name = principal
    if is_group:
        return "Group", name
    account = parse_service_account(name)
    return ("ServiceAccount", "/".join(account)) if account else ("User", name)
