"""RL2004: writing any configmap."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule, N


def _here(here: Here, score: float) -> float | None:
    """In kube-system it is told by what stands there (RL2001, RL2002)."""
    return None if here.kube_system else score


RULE = CapabilityRule(
    id="RL2004",
    title="Write any configmap",
    gives="Scripts, rules and settings of controllers, agents and applications, changed under them.",
    fix="Limit update, patch and delete by resourceNames to the ConfigMaps of the component.",
    tier=2,
    trigger=may(f"{WRITE} delete deletecollection", "configmaps"),
    scores={C: 5.0, N: 3.5},
    here=_here,
    attack=("T1565", "T1525"),
    owasp=("K02",),
)
