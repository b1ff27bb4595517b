"""RL1802: writing the status of services."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1802",
    title="Write service status",
    gives="The address of a load balancer of the attacker's choice, whose traffic every node then takes to the service.",
    fix="Leave the status of services to the load balancer controller.",
    tier=2,
    trigger=may("update patch", "services/status"),
    scores={C: 6.0, N: 6.0},
    named=True,
    attack=("T1557",),
    owasp=("K05",),
)
