"""RL1404: port-forward."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1404",
    title="Port-forward",
    gives="A way past network policies, also to ports that listen on the pod's own localhost.",
    fix="Remove it; expose what must be reached through a service or an ingress.",
    trigger=may("create", "pods/portforward"),
    scores={C: 6.0, N: 6.0},
    named=True,
    attack=("T1090", "T1210"),
    owasp=("K05",),
)
