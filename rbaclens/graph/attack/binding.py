"""Which roles somebody can give to themselves, and which they are bound to."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.technique import Case
from rbaclens.graph.attack.world import RoleKey
from rbaclens.model.aggregation import selector_matcher
from rbaclens.model.objects import Role

_CHANGE = "update patch"
_RESOURCES = {"Role": "roles", "ClusterRole": "clusterroles"}


class _Wanted:
    """What it takes to bind by bindings of one kind. Made once: an expression's test is remembered by the object that it is."""

    def __init__(self, bindings: str) -> None:
        self.cluster = bindings == "clusterrolebindings"
        self.make = may("create", bindings, RBAC, cluster=self.cluster)
        self.change = may(_CHANGE, bindings, RBAC, cluster=self.cluster)
        self.bind = {kind: may("bind", resources, RBAC, cluster=self.cluster) for kind, resources in _RESOURCES.items()}


_WANTED = {bindings: _Wanted(bindings) for bindings in ("clusterrolebindings", "rolebindings")}


class Binder:
    """What an actor can bind by new bindings of one kind (``bindings``), or by those that are there and may be changed."""

    def __init__(self, case: Case, bindings: str) -> None:
        self._case = case
        self._bindings = bindings
        wanted = _WANTED[bindings]
        self._cluster = wanted.cluster
        self._makes = case.holds(wanted.make)
        self._changes = not self._makes and case.holds(wanted.change)
        self._any_of_kind = {kind: case.holds(one) for kind, one in wanted.bind.items()}
        self._some_of_kind = {kind: self._any_of_kind[kind] or case.holds_some(one) for kind, one in wanted.bind.items()}
        self._named: dict[tuple[str, str], bool] = {}

    def roles(self, namespace: str) -> tuple[RoleKey, ...]:
        """The roles for which bind is held, and which can be bound in a namespace (empty: everywhere)."""
        case, world = self._case, self._case.world
        if self._makes:
            if self._any_of_kind["Role"] and not case.name:
                return world.roles.get(namespace, ())
            some = [("ClusterRole", "", case.name), ("Role", namespace, case.name)] if case.name else world.roles.get(namespace, ())
            return tuple(role for role in some if self._may_bind(role))
        found = []
        there = world.bindings_to.get(case.name, {}) if case.name else world.bindings
        for name, role in there.get(namespace, ()):
            if self._may_bind(role) and (self._changes or self._may_change(name)):
                found.append(role)
        return tuple(dict.fromkeys(found))

    def _may_bind(self, role: RoleKey) -> bool:
        kind, _, name = role
        if self._case.name not in ("", name) or not self._some_of_kind[kind] or role not in self._case.world.engine.index.roles:
            return False
        return self._any_of_kind[kind] or self._may_bind_named(kind, name)

    def _may_bind_named(self, kind: str, name: str) -> bool:
        found = self._named.get((kind, name))
        if found is None:
            wanted = may("bind", _RESOURCES[kind], RBAC, cluster=self._cluster, name=name)
            found = self._named[kind, name] = self._case.holds(wanted)
        return found

    def _may_change(self, binding: str) -> bool:
        return self._case.holds(may(_CHANGE, self._bindings, RBAC, cluster=self._cluster, name=binding))


def held_roles(case: Case) -> Iterator[tuple[str, Role]]:
    """The roles that the actor is bound to, and where."""
    actor = case.actor
    yield from ((scope, role.role) for scope, role in actor.added)
    for holdings in case.world.engine.index.holdings(actor.user, (*actor.own_groups, *actor.groups)):
        yield from ((EVERYWHERE, bound.role.role) for bound in holdings.cluster if bound.role is not None)
        for namespace, bounds in holdings.local.items():
            yield from ((namespace, bound.role.role) for bound in bounds if bound.role is not None)


def held_here(case: Case) -> Iterator[Role]:
    """The Roles that the actor is bound to in the namespaces of the case."""
    actor = case.actor
    yield from (role.role for scope, role in actor.added if scope != EVERYWHERE and (case.everywhere or scope == case.scope))
    for holdings in case.world.engine.index.holdings(actor.user, (*actor.own_groups, *actor.groups)):
        some = holdings.local.values() if case.everywhere else (holdings.local.get(case.scope, ()),)
        yield from (bound.role.role for bounds in some for bound in bounds if bound.role is not None and bound.role.role.kind == "Role")


def gathers(role: Role, changed: Role) -> bool:
    """Whether rules that are written into ``changed`` get into ``role``."""
    if role.name == changed.name:
        return True
    matchers = [selector_matcher(one) for one in role.aggregation.selectors] if role.aggregation is not None else []
    return any(matches is not None and matches(changed.labels) for matches in matchers)
