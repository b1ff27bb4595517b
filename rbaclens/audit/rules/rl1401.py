"""RL1401: exec into pods."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1401",
    title="Exec into pods",
    gives="A shell in any pod within reach: its service account, its secrets and its place in the network.",
    fix="Keep it for break-glass, or limit it to the pods that are meant by resourceNames.",
    trigger=may("create", "pods/exec"),
    scores={C: 9.2, N: 8.5, NP: 9.1},
    named=True,
    admin=(C, NP),
    attack=("T1609",),
    microsoft=("TA9006",),
    owasp=("K02",),
)
