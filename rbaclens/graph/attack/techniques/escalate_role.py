"""ESCALATE_ROLE: with escalate, any rule can be written into a Role of a namespace.

It has to be one that the attacker is bound to, or becomes so: an empty Role may be bound by anybody who may create bindings, and gets
its rules afterwards. Creating a Role with rules is not enough, since to bind it takes holding them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, may
from rbaclens.graph.attack.binding import held_here
from rbaclens.graph.attack.footholds import namespace_admin
from rbaclens.graph.attack.technique import Case, Technique

_NEW = may("create", "roles", RBAC) & may("create", "rolebindings", RBAC)


def _leads_to(case: Case) -> Iterator[str]:
    new = case.holds(_NEW)
    if new and not case.name:
        yield namespace_admin(case.scope)
        return
    roles = case.world.engine.index.roles
    # A name that is not taken yet can be given to a new Role.
    free = {namespace for namespace in case.namespaces if new and ("Role", namespace, case.name) not in roles}
    changeable = free | {role.namespace for role in held_here(case) if case.name in ("", role.name)}
    yield from (namespace_admin(namespace) for namespace in case.namespaces if namespace in changeable)


TECHNIQUE = Technique(
    id="ESCALATE_ROLE",
    title="add any rule to a Role that one is bound to",
    needs=may("escalate", "roles", RBAC) & may("update patch", "roles", RBAC),
    leads_to=_leads_to,
    effect="everything in the namespace",
    cost=1,
    request="kubectl edit role {name} -n {namespace}  # add verbs, apiGroups and resources ['*']",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update",
    named=("roles",),
    personal=True,
)
