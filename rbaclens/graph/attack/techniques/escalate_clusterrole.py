"""ESCALATE_CLUSTERROLE: write any rule into a ClusterRole that one is bound to."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, may
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="ESCALATE_CLUSTERROLE",
    title="add any rule to a ClusterRole that one is bound to",
    needs=may("escalate", "clusterroles", RBAC, cluster=True) & may("update patch", "clusterroles", RBAC, cluster=True),
    leads_to=lambda case: (CLUSTER_ADMIN,),
    cost=1,
    request="kubectl edit clusterrole {name}  # add verbs, apiGroups and resources ['*']",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping",
)
