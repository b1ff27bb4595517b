"""RL1502: the kubelet's API by writing verbs."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1502",
    title="Kubelet API by create, update, patch or delete",
    gives="Commands in any pod of any node, through the API server or straight at the kubelet.",
    fix="Remove it; no workload needs to write through nodes/proxy.",
    trigger=may("create update patch delete", "nodes/proxy", cluster=True),
    scores={C: 9.4},
    named=True,
    admin=(C,),
    cis=("5.1.10",),
    attack=("T1609",),
    owasp=("K02",),
)
