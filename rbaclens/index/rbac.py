"""The RBAC authorizer over the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.authorizers.matching import name_matches
from rbaclens.authorizers.rbac import NAME, resolution_error
from rbaclens.index.compile import Bound, Hit, Holdings, SubjectIndex, hits
from rbaclens.model.decision import NOTHING, Opinion, RbacGrant, Verdict, aggregate
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request

_ALLOW = Verdict.ALLOW  # reading a member from its enum costs more than making the opinion


class RbacAuthorizer:
    """RBAC: allow by the first grant in our documented order, otherwise no opinion (RBAC-35)."""

    __slots__ = ("_groups", "_index", "_users", "_wants")

    name = NAME

    def __init__(self, index: SubjectIndex) -> None:
        self._index = index
        self._wants = index.wants
        self._users: dict[str, Holdings] | None = None
        self._groups: dict[str, Holdings] = {}

    def authorize(self, request: Request) -> Opinion:
        """The opinion on ``request``; cost grows with the bindings that name the user or a group of theirs only.

        This is the one hot path of the program: a cluster's audit asks it a million times.
        """
        if request.path is not None:
            return self._authorize_path(request)
        key = (request.verb, request.api_group, request.resource, request.subresource)
        want = self._wants.get(key) or self._index.new_want(key)
        users = self._users
        if users is None:
            users = self._users = self._index.users
            self._groups = self._index.groups
        namespace = request.namespace  # the empty one is no key of any holdings
        found: Sequence[Hit] = ()
        for holdings in [users.get(request.user), *map(self._groups.get, request.groups)]:
            if holdings is None:
                continue
            if holdings.cluster:
                concerning = holdings.memo.get(want)
                if concerning is None:
                    concerning = holdings.everywhere(want)
                if concerning:
                    found = (*found, *concerning) if found else concerning
            if namespace in holdings.local:
                here = hits(holdings.local[namespace], want)
                if here:
                    found = (*found, *here) if found else here
        return _opinion(found, request.name) if found else NOTHING

    def _authorize_path(self, request: Request) -> Opinion:
        """Only cluster-wide bindings count for a path (RBAC-29)."""
        found: list[Hit] = []
        for holdings in self._index.holdings(request.user, request.groups):
            for bound in holdings.cluster:
                rules = bound.role.allowing_path(request) if bound.role is not None else ()
                if rules or bound.role is None:
                    found.append((bound, rules))
        return _opinion(found, None) if found else NOTHING

    def grants(self, request: Request) -> Iterator[RbacGrant]:
        """Every rule that allows the request, in our documented order."""
        want = self._index.want(request)
        for binding, subject, bound in self.bound(request.user, request.groups, request.namespace if request.is_resource else ""):
            if bound.role is not None:
                for rule in bound.role.allowing(request, want):
                    yield RbacGrant(binding, subject, bound.role.role, rule)

    def bound(self, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[tuple[Binding, Subject, Bound]]:
        """Every binding that applies in ``namespace``, once, with the subject by which it does (RBAC-21, RBAC-27)."""
        found = [bound for holdings in self._index.holdings(user, groups) for bound in holdings.within(namespace)]
        seen: set[tuple[bool, str]] = set()
        for bound in sorted(found, key=lambda bound: bound.order):
            if bound.order[:2] not in seen:
                seen.add(bound.order[:2])
                yield bound.binding, bound.subject, bound

    def visit(self, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[tuple[Binding, Subject, Role | None]]:
        """The visitor walk: every binding that applies, by which subject, and its role (``None``: not to be found)."""
        for binding, subject, bound in self.bound(user, groups, namespace):
            yield binding, subject, bound.role.role if bound.role else None

    def problems(self, user: str, groups: tuple[str, ...], namespace: str) -> tuple[str, ...]:
        """What could not be resolved for this user, each text once (RBAC-33)."""
        return tuple(dict.fromkeys(resolution_error(b.role_ref) for b, _, role in self.visit(user, groups, namespace) if role is None))


def _opinion(found: Sequence[Hit], name: str | None) -> Opinion:
    """Allow by the first hit that does, in our documented order; else what could not be resolved.

    ``name`` is the object's name, ``None`` for a path: names of a rule do not count there (RBAC-08).
    """
    best: Bound | None = None
    best_rule = -1
    broken: list[Bound] = []
    for bound, rules in found:
        role = bound.role
        if role is None:
            broken.append(bound)
        elif best is None or bound.order < best.order:
            for rule in rules:
                if name is None or name_matches(role.rules[rule].resource_names, name):
                    best, best_rule = bound, rule
                    break
    if best is not None and best.role is not None:
        return Opinion(_ALLOW, NAME, "", "", RbacGrant(best.binding, best.subject, best.role.role, best_rule))
    return Opinion(Verdict.NO_OPINION, NAME, "RBAC: " + aggregate(_errors(broken))) if broken else NOTHING


def _errors(broken: list[Bound]) -> list[str]:
    return [resolution_error(bound.binding.role_ref) for bound in sorted(broken, key=lambda bound: bound.order)]
