"""RL1707: writing API services."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1707",
    title="APIService write",
    gives="The requests of a whole API group, sent to a server of one's own with the callers' identities, and forged answers to them.",
    fix="Let whoever installs an extension API server register it; take the right from the running component.",
    trigger=may(WRITE, "apiservices", "apiregistration.k8s.io", cluster=True),
    scores={C: 9.0},
    named=True,
    admin=(C,),
    attack=("T1557", "T1546"),
    owasp=("K04",),
)
