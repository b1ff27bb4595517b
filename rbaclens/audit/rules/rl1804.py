"""RL1804: writing ingresses."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1804",
    title="Write ingresses",
    gives="Hosts and routes of others taken over; annotations that some controllers run as configuration, with the secrets that they read.",
    fix="Check hosts and annotations of ingresses by an admission policy.",
    tier=2,
    trigger=may(WRITE, "ingresses", "networking.k8s.io"),
    scores={C: 5.5, N: 5.5},
    named=True,
    attack=("T1190", "T1557"),
    owasp=("K06",),
)
