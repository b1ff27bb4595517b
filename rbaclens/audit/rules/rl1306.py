"""RL1306: writing DaemonSets."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import NP, C, CapabilityRule

RULE = CapabilityRule(
    id="RL1306",
    title="DaemonSet write",
    gives="Code on every node, those of the control plane among them, as a DaemonSet tolerates what it likes.",
    fix="Leave DaemonSets to the platform's own deployment; a component that changes one names it in resourceNames.",
    tier=2,
    trigger=may(WRITE, "daemonsets", "apps"),
    scores={C: 9.1, NP: 9.1},
    named=True,
    pods=True,
    admin=(C, NP),
    cis=("5.1.4",),
    attack=("T1543.005",),
    owasp=("K02",),
)
