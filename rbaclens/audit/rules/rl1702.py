"""RL1702: writing validating webhooks."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1702",
    title="Validating webhook write",
    gives="A copy of every object sent for review, secrets included; it can block the whole cluster, or switch a policy engine off.",
    fix="Leave webhook configurations to their installer, and name those that a controller really has to keep up to date.",
    trigger=may(WRITE, "validatingwebhookconfigurations", "admissionregistration.k8s.io", cluster=True),
    scores={C: 8.0},
    named=True,
    cis=("5.1.12",),
    attack=("T1546", "T1562.001"),
    owasp=("K04",),
)
