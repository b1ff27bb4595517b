"""What of the policy was used: recorded requests, laid to every grant by which they were allowed."""

from __future__ import annotations

import datetime

import msgspec

from rbaclens.authorizers.matching import ALL, resource_matches, url_matches
from rbaclens.index.rbac import RbacAuthorizer
from rbaclens.model.objects import Binding
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

_REMEMBERED = 500_000
Seen = tuple[str, str, str, str, str | None]
"""Verb, API group, resource, subresource and path of a request."""
Place = tuple[str, str, str, int]
"""Kind, namespace and name of a binding, and the number of a rule of its role."""


class Unused(msgspec.Struct, frozen=True):
    """Verbs and targets (resources or paths) of a rule that no request needed; ``whole``: none needed the rule.

    A ``*`` always is among them, and ``seen_verbs`` and ``seen_targets`` say what it was used for.
    """

    rule: PolicyRule
    whole: bool = False
    verbs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    seen_verbs: tuple[str, ...] = ()
    seen_targets: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.whole or bool(self.verbs or self.targets)


class Usage:
    """Takes requests that were allowed, one by one. Times are as recorded, the empty one is not known."""

    def __init__(self, rbac: RbacAuthorizer) -> None:
        self._rbac = rbac
        self._known: set[tuple[object, ...]] = set()
        self._used: dict[Place, set[Seen]] = {}
        self.requests = 0
        self.first = self.last = ""

    def add(self, request: Request, time: str = "") -> None:
        """One request; every grant that allows it counts as used, whichever the server named."""
        self.requests += 1
        if time:
            self.first = min(self.first or time, time)
            self.last = max(self.last, time)
        what = (request.verb, request.api_group, request.resource, request.subresource, request.path)
        key = (request.user, request.groups, request.namespace, request.name, *what)
        if key in self._known:
            return
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known.add(key)
        for grant in self._rbac.grants(request):
            self._used.setdefault(_place(grant.binding, grant.rule_index), set()).add(what)

    @property
    def days(self) -> int | None:
        """How long the record is, in days begun; ``None`` where its times cannot be read."""
        try:
            first, last = (datetime.datetime.fromisoformat(time) for time in (self.first, self.last))
            return (last - first).days + 1
        except (ValueError, TypeError):
            return None

    def unused(self, binding: Binding, rules: tuple[PolicyRule, ...]) -> list[Unused]:
        """What the binding gives by the rules of its role and no request needed; paths count in ClusterRoleBindings only."""
        found = []
        for number, rule in enumerate(rules):
            if not rule.resources and binding.namespace:
                continue
            seen = self._used.get(_place(binding, number))
            one = _compared(rule, seen) if seen else Unused(rule, whole=True)
            if one:
                found.append(one)
        return found


def _place(binding: Binding, rule: int) -> Place:
    return binding.kind, binding.namespace, binding.name, rule


def _compared(rule: PolicyRule, seen: set[Seen]) -> Unused:
    verbs = {verb for verb, *_ in seen}
    paths = {path for *_, path in seen if path is not None}
    resources = {(resource, subresource) for _, _, resource, subresource, path in seen if path is None}
    left = [entry for entry in rule.resources if entry == ALL or not any(resource_matches((entry,), *one) for one in resources)]
    left += [url for url in rule.non_resource_urls if url == ALL or not any(url_matches((url,), path) for path in paths)]
    return Unused(
        rule,
        verbs=tuple(verb for verb in rule.verbs if verb == ALL or verb not in verbs),
        targets=tuple(left),
        seen_verbs=tuple(sorted(verbs)),
        seen_targets=tuple(sorted(paths | {f"{resource}/{sub}" if sub else resource for resource, sub in resources})),
    )
