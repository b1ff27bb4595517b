"""A trigger in YAML: the keys of an RBAC rule, ``any`` and ``all``, made into the expression that the rules of the catalogue use."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, reduce
from itertools import product

from rbaclens.analysis.capability import FRESH, FRESH_PATH, AllOf, AnyOf, Atom, Expression
from rbaclens.audit.custom.fields import Fields, items, text_of, wrong
from rbaclens.facts.resources import api_resources
from rbaclens.model.location import Location
from rbaclens.model.pattern import Pattern
from rbaclens.model.placed import Placed

_RESOURCE_KEYS = ("verbs", "apiGroups", "resources", "resourceNames", "namespace", "clusterScoped")
_KEYS = (*_RESOURCE_KEYS, "nonResourceURLs", "any", "all")
_ALL = "*"
_SHAPE = "a trigger has the keys of an RBAC rule (verbs, apiGroups, resources, resourceNames or nonResourceURLs), or any or all with a list"
_MOST_ATOMS = 2000
_ABOUT_ALL = frozenset({"list", "watch", "create", "deletecollection"})
# What is never served, but checked for impersonation and for certificate signers.
_CHECKED_ONLY = {"": "users groups", "authentication.k8s.io": "users groups uids userextras", "certificates.k8s.io": "signers"}


def read_trigger(node: Placed, what: str = "trigger") -> Expression:
    """The expression that a trigger means. Raises ``PolicyFileError``."""
    if isinstance(node.value, list):
        raise wrong(f"{what}: expected one expression, not a list", node.at, "put the list under any or all")
    fields = Fields(node, f"a {what}", _KEYS)
    for key, kind in (("any", AnyOf), ("all", AllOf)):
        if key in fields:
            for other in fields.members:
                if other != key:
                    raise wrong(f'{what}: "{key}" and "{other}" do not go together', node.keys[other], "put one into the other's list")
            parts = tuple(read_trigger(part, what) for part in items(fields[key], key))
            return parts[0] if len(parts) == 1 else reduce(lambda a, b: a | b if kind is AnyOf else a & b, parts)
    if "nonResourceURLs" in fields:
        return _paths(fields, what)
    if "resources" not in fields:
        raise wrong(f'{what}: needs "resources" or "nonResourceURLs"', node.at, _SHAPE)
    return _resources(fields)


def _paths(fields: Fields, what: str) -> Expression:
    for key in _RESOURCE_KEYS[1:]:
        if key in fields:
            raise wrong(f'{what}: "{key}" and "nonResourceURLs" do not go together', fields.node.keys[key], _SHAPE)
    paths = []
    for one in items(fields["nonResourceURLs"], "nonResourceURLs"):
        path = text_of(one, "nonResourceURLs")
        if path != _ALL and (not path.startswith("/") or _ALL in path):
            raise wrong(f'nonResourceURLs: "{path}" is no path', one.at, "write one path, such as /metrics, or * for every path")
        paths.append(FRESH_PATH if path == _ALL else path)
    return _any([Pattern(verb, path=path) for path in paths for verb in _words(fields, "verbs")], fields.node.at)


def _resources(fields: Fields) -> Expression:
    groups = _words(fields, "apiGroups", blank=True) if "apiGroups" in fields else [""]
    names: tuple[str | None, ...] = fields.texts("resourceNames") or (None,)
    resources = [(text_of(one, "resources"), one.at) for one in items(fields["resources"], "resources")]
    places = _Places(fields)
    patterns = []
    for (resource, at), group, verb in product(resources, groups, _words(fields, "verbs")):
        if any(char.isspace() for char in resource) or (_ALL in resource and resource != _ALL):
            raise wrong(f'resources: "{resource}" is not one resource', at, "name one, with its subresource; or write * for every one")
        place = places.of(verb, group, resource, at)
        main, _, subresource = (FRESH if resource == _ALL else resource).partition("/")
        patterns += [Pattern(verb, main, group, subresource, place, name) for name in names]
    return _any(patterns, fields.node.at)


class _Places:
    """Where the resources of an expression are: a namespace, any of them (``None``), or (empty) the cluster, by the API's facts."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._said = fields.flag("clusterScoped") if "clusterScoped" in fields else None
        self._namespace = fields.text("namespace", "") or None

    def of(self, verb: str, group: str, resource: str, at: Location) -> str | None:
        """The place of a request with this verb."""
        if group == "" and resource.partition("/")[0] == "namespaces" and self._said is None:
            # A request about one namespace is a request in it.
            return "" if verb in _ABOUT_ALL and "/" not in resource else self._namespace
        if self._namespaced(group, resource, at):
            return self._namespace
        if self._namespace:
            raise wrong(f"namespace: {resource} are cluster-scoped", self._fields["namespace"].at)
        return ""

    def _namespaced(self, group: str, written: str, at: Location) -> bool:
        known = _served().get(group)
        resource, _, subresource = written.partition("/")
        if self._said is not None or known is None or resource == _ALL:
            return not self._said
        if resource not in known:
            elsewhere = [other for other in _served() if resource in _served()[other]]
            near = get_close_matches(resource, known, n=1, cutoff=0.6)
            hint = f"it is in the API group {elsewhere[0]}; " if elsewhere else f"perhaps {near[0]} was meant; " if near else ""
            help = f"{hint}clusterScoped: true or false says of a resource that Kubernetes does not know where it is"
            raise wrong(f'resources: the API group "{group}" has no "{resource}"', at, help)
        namespaced, subresources = known[resource]
        near = get_close_matches(subresource, subresources, n=1, cutoff=0.75) if subresource not in subresources else []
        if near:
            raise wrong(f'resources: {resource} have no "{subresource}"', at, f"perhaps {resource}/{near[0]} was meant")
        return namespaced


@cache
def _served() -> dict[str, dict[str, tuple[bool, tuple[str, ...]]]]:
    """Of each API group of Kubernetes its resources: whether they are namespaced, and their subresources."""
    found: dict[str, dict[str, tuple[bool, tuple[str, ...]]]] = {}
    for group, resources in _CHECKED_ONLY.items():
        found[group] = dict.fromkeys(resources.split(), (False, ()))
    for one in api_resources():
        found.setdefault(one.group, {})[one.resource] = (one.namespaced, tuple(sub.name for sub in one.subresources))
    return found


def _words(fields: Fields, key: str, blank: bool = False) -> list[str]:
    found = []
    for one in items(fields[key], key):
        word = "" if blank and one.value == "" else text_of(one, key)
        if any(char.isspace() for char in word) or (_ALL in word and word != _ALL):
            raise wrong(f'{key}: "{word}" is not one word', one.at, "write a list: [get, list]")
        found.append(FRESH if word == _ALL else word)
    return found


def _any(patterns: list[Pattern], at: Location) -> Expression:
    if len(patterns) > _MOST_ATOMS:
        raise wrong(f"this stands for {len(patterns)} single rights, and {_MOST_ATOMS} are the most", at)
    atoms = tuple(Atom(pattern) for pattern in dict.fromkeys(patterns))
    return atoms[0] if len(atoms) == 1 else AnyOf(atoms)
