"""RL1006: reading everything."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1006",
    title="Read everything",
    gives="Not only looking: all secrets, and the subresources that run commands by a get, such as nodes/proxy (until 1.34 pods/exec).",
    fix="Use the role view and name what is read beyond it; never grant the resource * in the core group.",
    trigger=may("get list watch", FRESH),
    unless=may(FRESH, FRESH, FRESH),
    scores={C: 9.0, N: 7.5, NP: 9.0},
    whole="rule",
    cis=("5.1.2", "5.1.3", "5.1.10"),
    attack=("T1552.007", "T1609"),
    owasp=("K02",),
)
