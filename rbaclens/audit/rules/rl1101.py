"""RL1101: reading all secrets."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1101",
    title="Read all secrets",
    gives="Every stored credential of the cluster: service account tokens, TLS and cloud keys, bootstrap tokens, Helm releases.",
    fix="Grant get on the secrets that are needed, by resourceNames in a Role of their namespace, or use an external secret store.",
    trigger=may("get list watch", "secrets"),
    scores={C: 9.3},
    cis=("5.1.2",),
    attack=("T1552.007",),
    microsoft=("TA9025",),
    owasp=("K03", "K02"),
)
