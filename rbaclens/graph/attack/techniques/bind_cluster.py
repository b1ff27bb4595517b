"""BIND_CLUSTER: bind any ClusterRole to oneself, everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
from rbaclens.graph.attack.technique import Case, Technique, WithRole


def _leads_to(case: Case) -> Iterator[str | WithRole]:
    if case.name in ("", "cluster-admin"):
        yield CLUSTER_ADMIN
    else:
        yield WithRole("ClusterRole", "", case.name, EVERYWHERE)


TECHNIQUE = Technique(
    id="BIND_CLUSTER",
    title="bind a ClusterRole to oneself everywhere",
    needs=may("bind", "clusterroles", RBAC, cluster=True) & may("create", "clusterrolebindings", RBAC, cluster=True),
    leads_to=_leads_to,
    cost=1,
    request="kubectl create clusterrolebinding x --clusterrole={name} --user=SELF",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update",
    named=("clusterroles",),
)
