"""RL1312: adding ephemeral containers."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1312",
    title="Ephemeral containers",
    gives="A container of the attacker inside any running pod: its token, its volumes and its processes.",
    fix="Keep it for break-glass, or limit it to the pods that are debugged.",
    trigger=may("update patch", "pods/ephemeralcontainers"),
    scores={C: 9.2, N: 8.2},
    named=True,
    admin=(C, NP),
    attack=("T1609", "T1610"),
    owasp=("K02",),
)
