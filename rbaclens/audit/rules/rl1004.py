"""RL1004: all verbs on a sensitive resource."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, RBAC, may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1004",
    title="Verb wildcard on a sensitive resource",
    gives="Verbs that nobody thought of: bind, escalate, impersonate, approve, sign, attest, and whatever a later version adds.",
    fix="List the verbs that are needed.",
    trigger=may(FRESH, "roles clusterroles", RBAC)
    | may(FRESH, "serviceaccounts secrets pods")
    | may(FRESH, "users groups nodes", cluster=True)
    | may(FRESH, "uids", "authentication.k8s.io", cluster=True)
    | may(FRESH, "signers certificatesigningrequests clustertrustbundles", "certificates.k8s.io", cluster=True)
    | may(FRESH, "mutatingwebhookconfigurations validatingwebhookconfigurations", "admissionregistration.k8s.io", cluster=True),
    unless=may(FRESH, FRESH, FRESH),
    scores={C: 8.5, N: 8.5},
    whole="rule",
    cis=("5.1.3", "5.1.8"),
    attack=("T1098.006",),
    owasp=("K02",),
)
