"""RL1803: writing endpoints."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1803",
    title="Write endpoints",
    gives="A service sent anywhere, also to pods of other namespaces, past network policies and through the load balancers of others.",
    fix="Remove it; clusters that are older than 1.22 still have it in edit and admin.",
    tier=2,
    trigger=may(WRITE, "endpoints") | may(WRITE, "endpointslices", "discovery.k8s.io"),
    scores={C: 6.2, N: 6.2},
    named=True,
    attack=("T1557",),
    owasp=("K05",),
)
