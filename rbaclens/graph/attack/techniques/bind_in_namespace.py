"""BIND_IN_NAMESPACE: a RoleBinding gives a Role or a ClusterRole in its namespace; with bind, also one that its author does not hold.

bind is asked for in the namespace of the binding, for ClusterRoles as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, WRITE, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.binding import bindable
from rbaclens.graph.attack.footholds import namespace_admin, roles
from rbaclens.graph.attack.technique import Case, Target, Technique, WithRole


def _leads_to(case: Case) -> Iterator[Target]:
    if not case.name and case.holds(may("bind", "clusterroles", RBAC) & may("create", "rolebindings", RBAC)):
        yield namespace_admin(case.scope)
        return
    if not case.name and case.everywhere and case.holds(may("bind", "roles", RBAC) & may("create", "rolebindings", RBAC)):
        yield roles(EVERYWHERE)
        return
    for namespace in case.namespaces:
        found = bindable(case, "rolebindings", namespace)
        if any(role[0] == "ClusterRole" and role[2] == "cluster-admin" for role in found):
            yield namespace_admin(namespace)
        elif found:
            yield WithRole(found, namespace)


TECHNIQUE = Technique(
    id="BIND_IN_NAMESPACE",
    title="bind a role to oneself in a namespace",
    needs=may("bind", "roles clusterroles", RBAC) & may(WRITE, "rolebindings", RBAC),
    leads_to=_leads_to,
    effect="everything in the namespace, or the roles that may be bound",
    cost=1,
    request="kubectl create rolebinding x -n {namespace} --clusterrole={name} --user=SELF",
    example="admin",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update",
    named=("roles", "clusterroles"),
    any_name=("rolebindings",),
    personal=True,
)
