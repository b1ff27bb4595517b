"""RL1002: a binding to cluster-admin, or to a role that says the same."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, FRESH_PATH, may, may_reach
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1002",
    title="Binding to cluster-admin",
    gives="Everything: every verb on every resource in the whole cluster, and every URL of the API server.",
    fix="Bind a narrower role; let people get cluster-admin for a limited time only.",
    trigger=may(FRESH, FRESH, FRESH) & may_reach(FRESH, FRESH_PATH),
    scores={C: 9.8},
    admin=(C,),
    whole="rule",
    cis=("5.1.1",),
    attack=("T1078", "T1098.006"),
    microsoft=("TA9019",),
    owasp=("K02",),
)
