"""The RBAC authorizer over the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbaclens.authorizers.rbac import NAME, resolution_error
from rbaclens.index.compile import Bound, Holdings, SubjectIndex
from rbaclens.index.sieve import PATHS, RESOURCE_SIEVES
from rbaclens.model.decision import NOTHING, Opinion, RbacGrant, Verdict, aggregate
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request

_ALLOW = Verdict.ALLOW  # reading a member from its enum costs more than making the opinion


class RbacAuthorizer:
    """RBAC: allow by the first grant in our documented order, otherwise no opinion (RBAC-35)."""

    __slots__ = ("_groups", "_index", "_users")

    name = NAME

    def __init__(self, index: SubjectIndex) -> None:
        self._index = index
        self._users: dict[str, Holdings] | None = None  # made when it is first needed
        self._groups: dict[str, Holdings] = {}

    def authorize(self, request: Request) -> Opinion:
        """The opinion on ``request``; cost grows with the bindings that name the user or a group of theirs only.

        This is the one hot path of the program: a cluster's audit asks it a million times.
        """
        if request.path is None:
            asked, namespace = RESOURCE_SIEVES[request.resource], request.namespace
        else:
            asked, namespace = PATHS, ""  # only cluster-wide bindings count for a path (RBAC-29)
        users = self._users
        if users is None:
            users = self._users = self._index.users
            self._groups = self._index.groups
        own = users.get(request.user)
        bounds: Sequence[Bound] = ()
        if own is not None:
            bounds = own.cluster
            if namespace in own.local:  # the empty namespace is no key there
                bounds = [*bounds, *own.local[namespace]] if bounds else own.local[namespace]
        for held in map(self._groups.get, request.groups):
            if held is not None:
                if (held.sieve or held.make_sieve()) & asked:
                    bounds = [*bounds, *held.cluster]
                if namespace in held.local:
                    bounds = [*bounds, *held.local[namespace]]
        return _opinion(bounds, request, asked) if bounds else NOTHING

    def grants(self, request: Request) -> Iterator[RbacGrant]:
        """Every rule that allows the request, in our documented order."""
        for binding, subject, bound in self.bound(request.user, request.groups, request.namespace if request.is_resource else ""):
            if bound.role is not None:
                for rule in bound.role.allowing(request):
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


def _opinion(bounds: Iterable[Bound], request: Request, asked: int) -> Opinion:
    """Allow by the first bound that does, in our documented order; else what could not be resolved.

    ``asked`` is the sieve of the request.
    """
    best: Bound | None = None
    best_rule = -1
    broken: list[Bound] = []
    for bound in bounds:
        role = bound.role
        if role is None:
            broken.append(bound)
        elif (role.sieve or role.make_sieve()) & asked and (best is None or bound.order < best.order):
            rules = role.allowing(request)
            if rules:
                best, best_rule = bound, rules[0]
    if best is not None and best.role is not None:
        return Opinion(_ALLOW, NAME, "", "", RbacGrant(best.binding, best.subject, best.role.role, best_rule))
    return Opinion(Verdict.NO_OPINION, NAME, "RBAC: " + aggregate(_errors(broken))) if broken else NOTHING


def _errors(broken: list[Bound]) -> list[str]:
    return [resolution_error(bound.binding.role_ref) for bound in sorted(broken, key=lambda bound: bound.order)]
