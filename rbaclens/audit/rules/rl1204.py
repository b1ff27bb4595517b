"""RL1204: binding roles inside namespaces."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, WRITE, may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

_SENSITIVE = frozenset({"cluster-admin", "admin", "edit"})

# bind is asked about the role, in the namespace of the RoleBinding, also where the role is a ClusterRole; never about bindings.
RULE = CapabilityRule(
    id="RL1204",
    title="Bind roles inside namespaces",
    gives="cluster-admin bound to oneself in the namespace, which is full control of it; in a privileged one, of the cluster.",
    fix="Limit bind by resourceNames to the roles that are meant to be handed out, or take it away.",
    trigger=may("bind", "roles clusterroles", RBAC) & may(WRITE, "rolebindings", RBAC),
    scores={C: 9.4, N: 8.4, NP: 9.2},
    named=True,
    sensitive=_SENSITIVE.__contains__,
    admin=(C, NP),
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
