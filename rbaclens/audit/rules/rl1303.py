"""RL1303: creating pods in a namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import CapabilityRule, N

_NODE_ROOT = 7.5


def _here(here: Here, score: float) -> float | None:
    """Where powerful accounts are, it is RL1302; where pod security allows everything, a pod takes the node."""
    if here.privileged:
        return None
    return _NODE_ROOT if here.pod_security == "privileged" else score


RULE = CapabilityRule(
    id="RL1303",
    title="Create pods in a namespace",
    gives="The power of the strongest service account there and all of its secrets; the node, where pod security allows privileged pods.",
    fix="Enforce the restricted pod security standard, and give each level of trust a namespace of its own.",
    trigger=may("create", "pods"),
    scores={N: 6.5},
    pods=True,
    here=_here,
    cis=("5.1.4",),
    attack=("T1610",),
    owasp=("K02",),
)
