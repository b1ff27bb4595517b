"""RL1901: creating persistent volumes."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1901",
    title="Create persistent volumes",
    gives="A volume of a node's own directories, past what pod security forbids, or of another tenant's storage.",
    fix="Leave persistent volumes to provisioners; users write claims.",
    trigger=may("create update patch", "persistentvolumes", cluster=True),
    scores={C: 8.2},
    named=True,
    cis=("5.1.9",),
    attack=("T1611",),
    microsoft=("TA9013",),
    owasp=("K01",),
)
