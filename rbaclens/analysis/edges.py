"""Requests at the edges of one rule: just inside, and one step outside on each axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import msgspec

from rbaclens.authorizers.matching import ALL, rule_allows
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
URL_VERBS = ("get", "head", "post", "put", "patch", "delete", "options")
AXES = ("verb", "group", "resource", "subresource", "name", "namespace")
URL_AXES = ("verb", "path")
EVERYWHERE = ALL
_NAME = "rbaclens-verify"
_TRIES = 12


class Words(msgspec.Struct, frozen=True):
    """The names that a policy uses: what a star is filled with, and what is one step away from something else.

    ``resources`` are pairs of API group and resource entry as rules write it (``pods/log``).
    """

    verbs: tuple[str, ...]
    resources: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    namespaces: tuple[str, ...]
    urls: tuple[str, ...]


def words_of(policy: PolicySet) -> Words:
    """The names in ``policy``, in a fixed order; those that stand for many or for nothing are left out."""
    rules = [rule for role in policy.roles for rule in role.rules]
    pairs = {(group, entry) for rule in rules for group in rule.api_groups for entry in rule.resources if _plain(group, entry)}
    pairs |= {(one.group, one.resource) for one in policy.resources}
    spaces = {one.name for one in policy.namespaces} | {binding.namespace for binding in policy.bindings}
    return Words(
        tuple(sorted({verb for rule in rules for verb in rule.verbs if verb and verb != ALL} | set(VERBS))),
        tuple(sorted(pairs)) or (("", "pods"),),
        tuple(sorted({name for rule in rules for name in rule.resource_names if name})) or (_NAME,),
        tuple(sorted(spaces - {""})) or ("default",),
        tuple(sorted({url.rstrip(ALL) or "/" for rule in rules for url in rule.non_resource_urls if url.startswith("/")})) or ("/healthz",),
    )


def _plain(group: str, entry: str) -> bool:
    resource, slash, subresource = entry.partition("/")
    return group != ALL and ALL not in (resource, subresource) and bool(resource) and bool(subresource) == bool(slash)


def inside(rule: PolicyRule, scope: str, words: Words, random: Random) -> Iterator[Request]:
    """Requests that ``rule`` allows in ``scope`` (EVERYWHERE, or a namespace), nobody's yet; a dozen attempts."""
    for _ in range(_TRIES):
        if rule.non_resource_urls and scope == EVERYWHERE and (not rule.resources or random.random() < 0.5):
            request = _url_inside(rule, random)
        elif rule.resources and rule.api_groups:
            request = _resource_inside(rule, scope, words, random)
        else:
            return
        if request is not None and rule_allows(rule, request):
            yield request


def _url_inside(rule: PolicyRule, random: Random) -> Request | None:
    if not rule.verbs:
        return None
    verb, url = random.choice(rule.verbs), random.choice(rule.non_resource_urls)
    path = url.rstrip(ALL) + _NAME if url.endswith(ALL) else url
    return Request(random.choice(URL_VERBS) if verb == ALL else verb, path=path if path.startswith("/") else f"/{path}")


def _resource_inside(rule: PolicyRule, scope: str, words: Words, random: Random) -> Request | None:
    if not rule.verbs:
        return None
    verb, group, entry = random.choice(rule.verbs), random.choice(rule.api_groups), random.choice(rule.resources)
    fitting = words.resources if group == ALL else [pair for pair in words.resources if pair[0] == group]
    some_group, some_resource = random.choice(fitting or [(group, "pods")])
    resource, _, subresource = (some_resource if entry == ALL else entry).partition("/")
    if resource == ALL:
        resource = some_resource.partition("/")[0]
    if entry.endswith("/"):
        resource = entry  # RBAC-14: no subresource; a review may name it as it stands
    name = random.choice(rule.resource_names) if rule.resource_names else random.choice(("", _NAME))
    return Request(
        random.choice(VERBS) if verb == ALL else verb,
        resource,
        some_group if group == ALL else group,
        subresource,
        random.choice((*words.namespaces, "")) if scope == EVERYWHERE else scope,
        name,
    )


def outside(request: Request, rule: PolicyRule, scope: str, axis: str, words: Words, random: Random) -> Iterator[Request]:
    """Requests one step from ``request`` along ``axis`` that ``rule`` in ``scope`` does not allow; none where a star stands."""
    values = _steps(request, axis, words)
    random.shuffle(values)
    for fields in values:
        step = msgspec.structs.replace(request, **fields)
        if not rule_allows(rule, step) or scope not in {EVERYWHERE, step.namespace}:
            yield step


def _steps(request: Request, axis: str, words: Words) -> list[dict[str, str]]:
    if axis == "path":
        path = request.path or "/"
        near = {path + "x", path.rstrip("/") + "/x", path.rstrip("/"), path.rpartition("/")[0] or "/", *words.urls}
        return [{"path": one} for one in sorted(near) if one != path and one.startswith("/")]
    if axis == "verb":
        return [{"verb": verb} for verb in (words.verbs if request.is_resource else URL_VERBS) if verb != request.verb]
    if axis == "subresource":
        known = {entry.partition("/")[2] for _, entry in words.resources} | {"", "status"}
        return [{"subresource": one} for one in sorted(known) if one != request.subresource]
    if axis == "resource":
        same = {entry.partition("/")[0] for group, entry in words.resources if group == request.api_group}
        return [{"resource": one} for one in sorted(same) if one != request.resource]
    if axis == "group":
        return [{"api_group": one} for one in sorted({group for group, _ in words.resources}) if one != request.api_group]
    values: Sequence[str] = (*words.names, "", _NAME) if axis == "name" else (*words.namespaces, "")
    return [{axis: one} for one in dict.fromkeys(values) if one != getattr(request, axis)]
