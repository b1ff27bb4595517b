"""RL1505: writing the status of nodes."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule

_WITH_PROXY = 9.1
_PROXY = may("get create update patch delete", "nodes/proxy", cluster=True)


def _here(here: Here, score: float) -> float:
    """Who chooses a node's address and may send requests to it has the API server talk to itself."""
    return _WITH_PROXY if here.may(_PROXY) else score


RULE = CapabilityRule(
    id="RL1505",
    title="Write node status",
    gives="False capacity and conditions move pods elsewhere; a false address draws the API server's own requests to the attacker.",
    fix="Leave the status of nodes to the kubelets and the node controllers.",
    trigger=may("update patch", "nodes/status", cluster=True),
    scores={C: 8.0},
    named=True,
    here=_here,
    asks=_PROXY,
    attack=("T1557",),
    owasp=("K02",),
)
