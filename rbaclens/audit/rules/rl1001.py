"""RL1001: everything, everywhere."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1001",
    title="Everything, everywhere",
    gives="The same power over resources as cluster-admin: read every secret, run as any service account, rewrite RBAC.",
    fix="Replace it by an explicit list of resources, made from what is really used; keep one break-glass binding.",
    trigger=may(FRESH, FRESH, FRESH),
    scores={C: 9.8},
    admin=(C,),
    whole="rule",
    inside=("RL1002",),
    cis=("5.1.1", "5.1.3"),
    attack=("T1078", "T1098.006"),
    owasp=("K02",),
)
