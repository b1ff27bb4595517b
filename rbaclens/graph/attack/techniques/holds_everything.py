"""HOLDS_EVERYTHING: a star for verbs, groups and resources, everywhere, is cluster-admin."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="HOLDS_EVERYTHING",
    title="may do everything",
    needs=may(FRESH, FRESH, FRESH, cluster=True),
    leads_to=lambda case: (CLUSTER_ADMIN,),
    effect="cluster-admin",
    cost=0,
    request="kubectl auth can-i '*' '*' --all-namespaces",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles",
)
