"""RL1311: writing the status of pods."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1311",
    title="Write pod status",
    gives="A false address or readiness draws the traffic of services; pods that are declared failed are started again elsewhere.",
    fix="Leave the status of pods to the kubelets.",
    tier=2,
    trigger=may("update patch", "pods/status"),
    scores={C: 6.0, N: 6.0},
    named=True,
    attack=("T1557",),
    owasp=("K02",),
)
