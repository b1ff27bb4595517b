"""RL2002: writing the configuration of the cluster's DNS."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, C, CapabilityRule

_VERBS, _NAMESPACE = "update patch", "kube-system"

RULE = CapabilityRule(
    id="RL2002",
    title="CoreDNS config write",
    gives="Every name of the cluster, answered as the attacker likes: the traffic of any service.",
    fix="Take configmaps of kube-system away, or limit update and patch by resourceNames to the component's own.",
    tier=2,
    trigger=may(_VERBS, "configmaps", name="coredns", namespace=_NAMESPACE)
    | may(_VERBS, "configmaps", name="coredns-custom", namespace=_NAMESPACE)
    | may(_VERBS, "configmaps", name="kube-dns", namespace=_NAMESPACE),
    scores={C: 7.5, NP: 7.5},
    attack=("T1557",),
    microsoft=("TA9035",),
    owasp=("K05",),
)
