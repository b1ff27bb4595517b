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


def bindable(case: Case, bindings: str, namespace: str) -> tuple[RoleKey, ...]:
    """The roles for which bind is held, and which can be bound by a new binding of ``namespace`` (empty: everywhere), or by one that
    is there and may be changed.
    """
    cluster = not namespace
    index = case.world.engine.index
    free: dict[str, bool] = {}

    def may_bind(role: RoleKey) -> bool:
        kind, _, name = role
        if role not in index.roles or case.name not in ("", name):
            return False
        if kind not in free:
            free[kind] = case.holds(may("bind", _RESOURCES[kind], RBAC, cluster=cluster))
        return free[kind] or case.holds(may("bind", _RESOURCES[kind], RBAC, cluster=cluster, name=name))

    if case.holds(may("create", bindings, RBAC, cluster=cluster)):
        some = [("ClusterRole", "", case.name), ("Role", namespace, case.name)] if case.name else case.world.roles.get(namespace, ())
        return tuple(role for role in some if may_bind(role))
    found = []
    all_of_them = case.holds(may(_CHANGE, bindings, RBAC, cluster=cluster))
    for name, role in case.world.bindings.get(namespace, ()):
        if may_bind(role) and (all_of_them or case.holds(may(_CHANGE, bindings, RBAC, cluster=cluster, name=name))):
            found.append(role)
    return tuple(dict.fromkeys(found))


def held_roles(case: Case) -> Iterator[tuple[str, Role]]:
    """The roles that the actor is bound to, and where."""
    actor = case.actor
    yield from ((scope, role.role) for scope, role in actor.added)
    for holdings in case.world.engine.index.holdings(actor.user, (*actor.own_groups, *actor.groups)):
        yield from ((EVERYWHERE, bound.role.role) for bound in holdings.cluster if bound.role is not None)
        for namespace, bounds in holdings.local.items():
            yield from ((namespace, bound.role.role) for bound in bounds if bound.role is not None)


def gathers(role: Role, changed: Role) -> bool:
    """Whether rules that are written into ``changed`` get into ``role``."""
    if role.name == changed.name:
        return True
    matchers = [selector_matcher(one) for one in role.aggregation.selectors] if role.aggregation is not None else []
    return any(matches is not None and matches(changed.labels) for matches in matchers)
