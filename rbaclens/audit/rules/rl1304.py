"""RL1304: creating or changing workload controllers."""

from __future__ import annotations

from rbaclens.analysis.capability import WORKLOADS
from rbaclens.audit.rule import NP, C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1304",
    title="Create or change workload controllers",
    gives="The controller makes the attacker's pod, under any service account of the namespace and with any of its secrets mounted.",
    fix="Grant it by a Role in the namespaces that need it, and enforce the restricted pod security standard there.",
    trigger=WORKLOADS,
    scores={C: 9.1, N: 6.5, NP: 9.1},
    named=True,
    pods=True,
    admin=(C, NP),
    cis=("5.1.4",),
    attack=("T1610", "T1053.007", "T1543.005"),
    microsoft=("TA9014",),
    owasp=("K02",),
)
