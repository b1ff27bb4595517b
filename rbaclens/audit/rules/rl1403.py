"""RL1403: attaching to pods."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1403",
    title="Attach to pods",
    gives="The input and output of a running process: a shell, where one is the entry point.",
    fix="Remove it; read logs by pods/log.",
    trigger=may("create", "pods/attach"),
    scores={C: 7.3, N: 7.3},
    named=True,
    attack=("T1609",),
    owasp=("K02",),
)
