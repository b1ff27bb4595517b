"""RL1102: reading the secrets of a privileged namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, CapabilityRule

RULE = CapabilityRule(
    id="RL1102",
    title="Read secrets in a privileged namespace",
    gives="Bootstrap tokens, stored tokens of powerful accounts, operator and certificate keys: any of them may lead to cluster-admin.",
    fix="Name the one secret in resourceNames with get alone, or move it and its reader to a namespace of their own.",
    trigger=may("get list watch", "secrets"),
    scores={NP: 9.2},
    cis=("5.1.2",),
    attack=("T1552.007", "T1528"),
    owasp=("K03",),
)
