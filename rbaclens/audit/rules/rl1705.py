"""RL1705: changing validating admission policies."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1705",
    title="ValidatingAdmissionPolicy change",
    gives="The guard rails of the cluster removed, or every write denied.",
    fix="Keep admission policies and their bindings to the people who own the cluster's policy.",
    tier=2,
    trigger=may(
        f"{WRITE} delete deletecollection",
        "validatingadmissionpolicies validatingadmissionpolicybindings",
        "admissionregistration.k8s.io",
        cluster=True,
    ),
    scores={C: 7.2},
    named=True,
    since=(1, 30),
    attack=("T1562.001",),
    owasp=("K04",),
)
