"""The RBAC authorizer over the index."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.authorizers.rbac import NAME, resolution_error
from rbaclens.index.compile import Bound, SubjectIndex, Want
from rbaclens.model.decision import Opinion, RbacGrant, Verdict, aggregate
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request

_NOTHING = Opinion(Verdict.NO_OPINION, NAME)


class RbacAuthorizer:
    """RBAC: allow by the first grant in our documented order, otherwise no opinion (RBAC-35)."""

    name = NAME

    def __init__(self, index: SubjectIndex) -> None:
        self._index = index

    def authorize(self, request: Request) -> Opinion:
        """The opinion on ``request``; cost grows with the bindings that name the user or a group of theirs only."""
        index = self._index
        want = index.want(request)
        is_resource = request.path is None
        namespace = request.namespace if is_resource else ""
        found: list[Bound] | None = None
        holdings = index.users.get(request.user)
        groups = iter(request.groups)
        while True:
            if holdings is not None:
                if not is_resource:
                    found = holdings.cluster if found is None else found + holdings.cluster
                else:
                    bounds = holdings.memo.get(want)
                    if bounds is None:
                        bounds = holdings.everywhere(want)
                    if bounds:
                        found = [*found, *bounds] if found else [*bounds]
                    if namespace and namespace in holdings.local:
                        found = [*found, *holdings.local[namespace]] if found else holdings.local[namespace]
            for group in groups:
                holdings = index.groups.get(group)
                if holdings is not None:
                    break
            else:
                break
        return _NOTHING if found is None else _opinion(found, request, want)

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


def _opinion(bounds: list[Bound], request: Request, want: Want) -> Opinion:
    """Allow by the first of ``bounds`` that does, in our documented order; else what could not be resolved."""
    best: Bound | None = None
    best_rule = -1
    broken: list[Bound] = []
    for bound in bounds:
        if bound.role is None:
            broken.append(bound)
        elif best is None or bound.order < best.order:
            rule = next(bound.role.allowing(request, want), -1)
            if rule >= 0:
                best, best_rule = bound, rule
    if best is not None and best.role is not None:
        return Opinion(Verdict.ALLOW, NAME, evidence=RbacGrant(best.binding, best.subject, best.role.role, best_rule))
    return Opinion(Verdict.NO_OPINION, NAME, "RBAC: " + aggregate(_errors(broken))) if broken else _NOTHING


def _errors(broken: list[Bound]) -> list[str]:
    return [resolution_error(bound.binding.role_ref) for bound in sorted(broken, key=lambda bound: bound.order)]
