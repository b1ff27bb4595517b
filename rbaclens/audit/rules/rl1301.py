"""RL1301: creating pods in every namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1301",
    title="Create pods cluster-wide",
    gives="A pod in any namespace, under any service account and with any secret; the node, where pod security allows it.",
    fix="Grant it by a Role in the namespaces that need it, and enforce the restricted pod security standard there.",
    trigger=may("create", "pods"),
    scores={C: 9.2},
    admin=(C,),
    cis=("5.1.4",),
    attack=("T1610",),
    microsoft=("TA9008", "TA9016"),
    owasp=("K02", "K01"),
)
