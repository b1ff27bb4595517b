"""On which attribute does something written fail, and how far is it from what is asked?

Whether an attribute matches is decided by ``authorizers.matching``; this module looks at those that do not. Distances only order
what is shown: a slip of the pen is nearer than another verb, which is nearer than another person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from rbaclens.analysis.near_text import alike, spans
from rbaclens.authorizers.matching import ALL, group_matches, name_matches, resource_matches, url_matches, verb_matches
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

SLIP, SIBLING, OTHER, ELSEWHERE, OTHER_GROUP, OTHER_USER, FAR = 1, 2, 3, 4, 5, 6, 7
_FAMILIES = ({"get", "list", "watch"}, {"create", "update", "patch"}, {"delete", "deletecollection"})
_CORE = {"v1", "core", '""'}


class Axis(msgspec.Struct, frozen=True):
    """One attribute on which a grant fails.

    ``name`` is user, group, subject (the right name, of the wrong kind), verb, readonly, apiGroup, resource, subresource, name,
    namespace, scope, path or role. ``wanted`` is what the request has there, ``held`` what the policy has. ``change`` are the
    fields of the request that would have to be different, with the nearest value held (``groups``: a group more). Without a
    change only the policy can help, and ``mistake`` says why: what is written has no effect, or not the one it seems to have.
    """

    name: str
    wanted: str
    held: tuple[str, ...]
    change: dict[str, str] = {}
    mistake: str = ""
    cost: int = OTHER


Axes = tuple[Axis, ...]
"""The attributes that fail: none when all match."""


def distance(axes: Iterable[Axis]) -> int:
    """How far a grant that fails on ``axes`` is from the request."""
    return sum(axis.cost for axis in axes)


def rule_axes(rule: PolicyRule, request: Request) -> Axes | None:
    """Where ``rule`` fails on ``request``; ``None`` when it speaks of something else altogether."""
    found: Axes = ()
    for part in _url_parts(rule, request.path, request) if request.path is not None else _resource_parts(rule, request):
        if part is None:
            return None
        found += part
    return found


def _url_parts(rule: PolicyRule, path: str, request: Request) -> Iterator[Axes | None]:
    yield path_axes(rule.non_resource_urls, path)
    yield _verb(rule, request)


def _resource_parts(rule: PolicyRule, request: Request) -> Iterator[Axes | None]:
    yield _resource(rule, request)
    yield _verb(rule, request)
    group, name = request.api_group, request.name
    yield () if group_matches(rule.api_groups, group) else api_group_axes(rule.api_groups, group)
    yield () if name_matches(rule.resource_names, name) else nearest("name", "name", name, rule.resource_names, lambda _: OTHER)


def nearest(name: str, field: str, wanted: str, held: Sequence[str], cost: Callable[[str], int]) -> Axes | None:
    """The axis on which none of ``held`` is ``wanted``, with the nearest of them; ``None`` when nothing is held."""
    if not held:
        return None
    star = next((value for value in held if spans(value, wanted)), None)
    if star is not None:
        return (star_axis(name, wanted, held, star),)
    cheapest, value = min(((SLIP if alike(wanted, value) else cost(value)), i) for i, value in enumerate(held))
    return (Axis(name, wanted, tuple(held), {field: held[value]}, cost=cheapest),)


def star_axis(name: str, wanted: str, held: Sequence[str], star: str) -> Axis:
    """The axis of an entry whose star looks like a pattern and is none."""
    return Axis(name, wanted, tuple(held), mistake=f'"{star}" is no pattern: it means the name {star} itself', cost=SLIP)


def _verb(rule: PolicyRule, request: Request) -> Axes | None:
    if verb_matches(rule.verbs, request.verb):
        return ()

    def cost(verb: str) -> int:
        return SIBLING if any(verb in family and request.verb in family for family in _FAMILIES) else OTHER

    return nearest("verb", "verb", request.verb, rule.verbs, cost)


def api_group_axes(api_groups: Sequence[str], wanted: str) -> Axes | None:
    """Where a list of API groups fails: another group, or one that is written with its version."""
    for entry in api_groups:
        if entry in _CORE if not wanted else entry.partition("/")[0] == wanted:
            right = wanted or '"" (the core group)'
            return (Axis("apiGroup", wanted, tuple(api_groups), mistake=f'"{entry}" is no API group: write {right}', cost=SLIP),)
    return nearest("apiGroup", "api_group", wanted, api_groups, lambda _: OTHER)


def _resource(rule: PolicyRule, request: Request) -> Axes | None:
    if resource_matches(rule.resources, request.resource, request.subresource):
        return ()
    found = [axis for entry in rule.resources if (axis := _entry(entry, rule.resources, request))]
    return (min(found, key=lambda axis: axis.cost),) if found else None


def _entry(entry: str, held: tuple[str, ...], request: Request) -> Axis | None:
    """How one entry of a rule's ``resources`` fails (RBAC-11 to RBAC-14)."""
    resource, slash, sub = entry.partition("/")
    looks_right = spans(entry, request.combined) or entry == "*/*" or (sub == ALL and resource == request.resource)
    if looks_right and not (resource == ALL and ALL not in sub):
        return star_axis("resource", request.combined, held, entry)
    if slash and not (resource and sub):
        return None
    if resource in (request.resource, ALL):
        cost = SLIP if alike(sub, request.subresource) else SIBLING
        return Axis("subresource", request.subresource, held, {"subresource": sub}, cost=cost)
    if sub == request.subresource:
        cost = SLIP if alike(resource, request.resource) else FAR
        return Axis("resource", request.combined, held, {"resource": resource}, cost=cost)
    if alike(resource, request.resource):
        return Axis("resource", request.combined, held, {"resource": resource, "subresource": sub}, cost=SIBLING)
    return None


def path_axes(urls: Sequence[str], path: str) -> Axes | None:
    """Where a list of URLs fails on ``path`` (RBAC-17); ``None`` when none of them is near."""
    if url_matches(urls, path):
        return ()
    found = [axis for url in urls if (axis := _url(url, urls, path))]
    return (min(found, key=lambda axis: axis.cost),) if found else None


def _url(url: str, held: Sequence[str], path: str) -> Axis | None:
    if spans(url, path):
        mistake = f'"{url}": a star stands for something at the end of a URL only'
        return Axis("path", path, tuple(held), mistake=mistake, cost=SLIP)
    near = url.rstrip(ALL)
    if near.rstrip("/") == path.rstrip("/") or alike(near, path):
        cost = SLIP
    elif near.startswith(path) or (near and path.startswith(near.rstrip("/") + "/")):
        cost = SIBLING
    else:
        return None
    return Axis("path", path, tuple(held), {"path": near}, cost=cost)
