"""RL1706: writing custom resource definitions."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1706",
    title="CRD write",
    gives="A conversion webhook that sees and rewrites every stored object of a kind, and control over its schema and scope.",
    fix="Let the installer bring the definitions along; the running operator needs its custom resources only.",
    trigger=may(WRITE, "customresourcedefinitions", "apiextensions.k8s.io", cluster=True),
    scores={C: 7.8},
    named=True,
    attack=("T1546", "T1565"),
    owasp=("K04",),
)
