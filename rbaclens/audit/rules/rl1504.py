"""RL1504: modifying nodes."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1504",
    title="Modify nodes",
    gives="Taints, cordons and labels drive other people's pods to a node that the attacker holds, or draw privileged workloads there.",
    fix="Limit it by resourceNames or by an admission policy to the nodes and fields that are meant.",
    trigger=may("update patch", "nodes", cluster=True),
    scores={C: 8.0},
    named=True,
    attack=("T1610", "T1565"),
    owasp=("K02",),
)
