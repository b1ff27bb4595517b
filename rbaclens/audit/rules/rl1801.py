"""RL1801: writing services."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1801",
    title="Write services",
    gives="Traffic caught by external IPs or another selector, internal ports opened to the world, names pointed at internal hosts.",
    fix="Forbid external IPs by admission (DenyServiceExternalIPs), and limit update and patch by resourceNames.",
    tier=2,
    trigger=may(WRITE, "services"),
    scores={C: 5.5, N: 3.5},
    named=True,
    attack=("T1557",),
    owasp=("K05",),
)
