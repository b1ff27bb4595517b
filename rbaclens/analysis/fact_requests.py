"""The requests that a permission fact speaks of: those that decide about all of them, and those that a grant reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from rbaclens.analysis.fact_words import Fresh
from rbaclens.analysis.fact_world import CLUSTER_SCOPE, Region, World
from rbaclens.authorizers.matching import ALL, group_matches, name_matches, resource_matches, url_matches, verb_matches
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.pattern import Pattern
from rbaclens.model.permission_facts import Clause, glob_matches, is_glob
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

_WITHOUT_NAME = ("create", "list", "watch", "deletecollection")
_READ = ("get", "list", "watch")
Target = tuple[str, str]
"""Resource and subresource."""
Spot = tuple[str, str]
"""Namespace and object name."""


def region_of(clause: Clause, region: Region) -> Region:
    """Where requests of a clause stand: a cluster-scoped resource, and a path, only in no namespace."""
    return region if clause.namespaced and not clause.path else CLUSTER_SCOPE


def pattern_of(clause: Clause, region: Region) -> Pattern:
    """The pattern that covers every request of a clause; it may cover more."""
    if clause.path:
        return Pattern(clause.verb, any_path=True) if clause.path.endswith(ALL) else Pattern(clause.verb, path=clause.path)
    namespace = region.decisive[0] if len(region.decisive) == 1 and region.contains(region.decisive[0]) else None
    if clause.is_namespace_object or (namespace is not None and region.sample != namespace):
        namespace = None
    name = clause.names[0] if len(clause.names) == 1 and not is_glob(clause.names[0]) else None
    return Pattern(clause.verb, clause.resource, clause.api_group, clause.subresource, namespace, name)


def deciding(clause: Clause, region: Region, world: World) -> Iterator[Request]:
    """Requests, nobody's, of which this holds: whoever is allowed all of them is allowed everything that the clause says.

    In an open place stands a fresh value, which only a rule allows that allows every value.
    """
    fresh = world.fresh
    verb = fresh.verb if clause.verb is None else clause.verb
    if clause.path:
        yield Request(verb, path=clause.path[:-1] + fresh.path if clause.path.endswith(ALL) else clause.path)
        return
    resource = fresh.resource if clause.resource is None else clause.resource
    group = fresh.api_group if clause.api_group is None else clause.api_group
    subresource = clause.subresource
    if subresource is None:
        subresource = fresh.subresource if clause.only_subresources else ""
    named = tuple(dict.fromkeys(name for pattern in clause.names for name in world.names_of(pattern)))
    names = named or ("", fresh.name)
    # RI-20: these stand elsewhere than the other verbs, and a verb that nobody names cannot stand for them.
    others = _WITHOUT_NAME if clause.is_namespace_object and clause.verb is None else ()
    for one in (verb, *others):
        for namespace, name in _spots(clause, one, region, names):
            yield Request(one, resource, group, subresource, namespace, name)


def _spots(clause: Clause, verb: str, region: Region, names: Sequence[str]) -> Iterator[Spot]:
    if not clause.is_namespace_object:
        yield from ((namespace, name) for namespace in region_of(clause, region).decisive for name in names)
    elif verb in _WITHOUT_NAME:
        yield from (("", name) for name in names)
    else:
        # RI-20: a request on one namespace stands inside it.
        yield from ((name, name) for name in names if name)


def is_single(clause: Clause, region: Region) -> bool:
    """Whether the clause says one request and no more."""
    if clause.verb is None:
        return False
    if clause.path:
        return not clause.path.endswith(ALL)
    what = clause.resource is not None and clause.api_group is not None and clause.subresource is not None
    named = len(clause.names) == 1 and not is_glob(clause.names[0])
    where = region_of(clause, region)
    return what and named and len(where.decisive) == 1 and where.sample == where.decisive[0]


def abac_rule(line: AbacPolicy, clause: Clause, fresh: Fresh) -> PolicyRule:
    """What an ABAC line allows of a clause, as a rule: it looks at neither subresource nor name (ABAC-21)."""
    verbs = _READ if line.readonly else (ALL,)
    if clause.path:
        return PolicyRule(verbs=verbs, non_resource_urls=(line.non_resource_path,))
    below = clause.subresource if clause.subresource is not None else fresh.subresource
    entries = (line.resource, f"{line.resource}/{below}") if below and line.resource != ALL else (line.resource,)
    return PolicyRule(verbs=verbs, api_groups=(line.api_group,), resources=entries)


def reached(clause: Clause, region: Region, rule: PolicyRule, scope: str, world: World) -> Iterator[Request]:
    """Requests, nobody's, that the clause says and the rule allows in ``scope``; none if and only if there are none.

    Not each is allowed (a rule may name what no request asks for): whoever uses them asks the engine.
    """
    fresh = world.fresh
    verbs = _verbs(clause, rule)
    if clause.path:
        for path in filter(None, (_common_path(clause.path, url) for url in rule.non_resource_urls)):
            yield from (Request(verb, path=path) for verb in verbs[:1])
        return
    group = _group(clause, rule)
    if group is None:
        return
    where = region_of(clause, region)
    for resource, subresource in _targets(clause, rule.resources, group, fresh):
        for verb in verbs:
            spot = _spot(clause, verb, where, rule.resource_names, scope, world)
            if spot is not None:
                yield Request(verb, resource, group, subresource, *spot)


def _verbs(clause: Clause, rule: PolicyRule) -> tuple[str, ...]:
    if clause.verb is not None:
        return (clause.verb,) if verb_matches(rule.verbs, clause.verb) else ()
    # Verbs differ in more than their name only on Namespaces, where get and list stand in different places.
    return (*_READ[:2],) if ALL in rule.verbs else rule.verbs


def _group(clause: Clause, rule: PolicyRule) -> str | None:
    if clause.api_group is not None:
        return clause.api_group if group_matches(rule.api_groups, clause.api_group) else None
    return "" if ALL in rule.api_groups else next(iter(rule.api_groups), None)


def _targets(clause: Clause, entries: Sequence[str], group: str, fresh: Fresh) -> Iterator[Target]:
    wanted, below = clause.resource, clause.subresource
    if wanted is not None and below is not None:
        if resource_matches(entries, wanted, below):
            yield wanted, below
        return
    for entry in dict.fromkeys(entries):
        resource, _, subresource = entry.partition("/")
        if wanted is not None:
            if entry == ALL:
                yield wanted, fresh.subresource
            elif subresource and resource in (ALL, wanted):
                yield wanted, subresource
        elif entry == ALL:
            yield ("pods" if group == "" else fresh.resource), below or ""
        elif below is None or below == subresource:
            yield (fresh.resource if resource == ALL else resource), subresource
            if below is None and "/" in entry:
                yield entry, ""  # a review may well say "pods/log" there (RBAC-14)


def _spot(clause: Clause, verb: str, where: Region, allowed: Sequence[str], scope: str, world: World) -> Spot | None:
    if clause.is_namespace_object:
        return _namespace_spot(clause, verb, allowed, scope, world)
    if scope == EVERYWHERE:
        if not where.decisive:
            return None
        namespace = where.sample
    elif where.contains(scope):
        namespace = scope
    else:
        return None
    name = _name(clause.names, tuple(allowed), world)
    return None if name is None else (namespace, name)


def _namespace_spot(clause: Clause, verb: str, allowed: Sequence[str], scope: str, world: World) -> Spot | None:
    """RI-20: one Namespace is asked for inside of itself, all of them in no namespace."""
    if verb in _WITHOUT_NAME:
        name = _name(clause.names, tuple(allowed), world) if scope in (EVERYWHERE, "") else None
        return None if name is None else ("", name)
    if scope == EVERYWHERE:
        found = _name(clause.names, tuple(one for one in allowed if one), world) if not allowed or any(allowed) else None
        found = world.some_namespace if found == "" else found
        return (found, found) if found else None
    fits = not clause.names or any(glob_matches(pattern, scope) for pattern in clause.names)
    return (scope, scope) if scope and fits and name_matches(allowed, scope) else None


def _name(wanted: Sequence[str], allowed: tuple[str, ...], world: World) -> str | None:
    """A name that both lists stand for (no list: any), if there is one."""
    if not wanted:
        return allowed[0] if allowed else ""
    for pattern in wanted:
        for name in allowed or world.names_of(pattern):
            if glob_matches(pattern, name):
                return name
    return None


@cache
def _common_path(wanted: str, url: str) -> str:
    """A path that both stand for; empty where there is none."""
    if not wanted.endswith(ALL):
        return wanted if url_matches((url,), wanted) else ""
    prefix = wanted[:-1]
    if not url.endswith(ALL):
        return url if url.startswith(prefix) else ""
    start = url.rstrip(ALL)
    if start.startswith(prefix):
        return start
    return prefix if prefix.startswith(start) else ""
