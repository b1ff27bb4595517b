"""RL1703: deleting webhook configurations."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1703",
    title="Delete webhook configurations",
    gives="Policy engines switched off, with whatever they forbid.",
    fix="Leave webhook configurations to their installer, or name those that a controller owns.",
    tier=2,
    trigger=may(
        "delete deletecollection",
        "mutatingwebhookconfigurations validatingwebhookconfigurations",
        "admissionregistration.k8s.io",
        cluster=True,
    ),
    scores={C: 7.2},
    named=True,
    cis=("5.1.12",),
    attack=("T1562.001",),
    owasp=("K04",),
)
