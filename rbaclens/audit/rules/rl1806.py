"""RL1806: changing network policies."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule, N

_VERBS = f"{WRITE} delete deletecollection"

RULE = CapabilityRule(
    id="RL1806",
    title="Network policy write or delete",
    gives="The walls between workloads taken down, or built around those who defend.",
    fix="Leave network policies to the network team; a component that owns some names them.",
    tier=2,
    trigger=may(_VERBS, "networkpolicies", "networking.k8s.io")
    | may(_VERBS, "adminnetworkpolicies baselineadminnetworkpolicies clusternetworkpolicies", "policy.networking.k8s.io", cluster=True)
    | may(_VERBS, "ciliumnetworkpolicies", "cilium.io")
    | may(_VERBS, "ciliumclusterwidenetworkpolicies", "cilium.io", cluster=True)
    | may(_VERBS, "networkpolicies", "crd.projectcalico.org")
    | may(_VERBS, "globalnetworkpolicies", "crd.projectcalico.org", cluster=True)
    | may(_VERBS, "networkpolicies", "projectcalico.org")
    | may(_VERBS, "globalnetworkpolicies", "projectcalico.org", cluster=True),
    scores={C: 5.5, N: 5.5},
    named=True,
    attack=("T1562.004",),
    owasp=("K05",),
)
