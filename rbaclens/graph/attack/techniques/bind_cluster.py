"""BIND_CLUSTER: the verb bind on a role stands in the place of holding what is in it.

The roleRef of a binding never changes, so that update and patch serve for the roles of the bindings that are there.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, WRITE, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.binding import bindable
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
from rbaclens.graph.attack.technique import Case, Target, Technique, WithRole


def _leads_to(case: Case) -> Iterator[Target]:
    if not case.name and case.holds(may("create", "clusterrolebindings", RBAC, cluster=True)):
        yield CLUSTER_ADMIN
        return
    found = bindable(case, "clusterrolebindings", "")
    if any(role[2] == "cluster-admin" for role in found):
        yield CLUSTER_ADMIN
    elif found:
        yield WithRole(found, EVERYWHERE)


TECHNIQUE = Technique(
    id="BIND_CLUSTER",
    title="bind a ClusterRole to oneself everywhere",
    needs=may("bind", "clusterroles", RBAC, cluster=True) & may(WRITE, "clusterrolebindings", RBAC, cluster=True),
    leads_to=_leads_to,
    effect="cluster-admin, or the roles that may be bound",
    cost=1,
    request="kubectl create clusterrolebinding x --clusterrole={name} --user=SELF",
    example="cluster-admin",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update",
    named=("clusterroles",),
    any_name=("clusterrolebindings",),
    personal=True,
)
