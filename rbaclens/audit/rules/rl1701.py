"""RL1701: writing mutating webhooks."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1701",
    title="Mutating webhook write",
    gives="Sight of every matching write and the power to change it on its way: add containers, swap service accounts, alter bindings.",
    fix="Leave webhook configurations to their installer, and name those that a controller really has to keep up to date.",
    trigger=may(WRITE, "mutatingwebhookconfigurations", "admissionregistration.k8s.io", cluster=True),
    scores={C: 9.2},
    named=True,
    admin=(C,),
    cis=("5.1.12",),
    attack=("T1546",),
    microsoft=("TA9015",),
    owasp=("K04",),
)
