"""RL1305: changing running pods."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1305",
    title="Change running pods",
    gives="Another image is code under the pod's service account; other labels put it behind a service or out of a network policy.",
    fix="Remove update and patch on pods; change the controller that makes them.",
    trigger=may("update patch", "pods"),
    scores={C: 7.6, N: 5.5},
    named=True,
    attack=("T1525", "T1610"),
    owasp=("K02",),
)
