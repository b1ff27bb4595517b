"""RL1310: deleting or evicting pods."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule, N

_NODES = may("update patch", "nodes nodes/status", cluster=True)
_STEALING = 7.5


def _here(here: Here, score: float) -> float:
    """Who also says which nodes take pods decides where the next one starts."""
    return _STEALING if here.may(_NODES) else score


RULE = CapabilityRule(
    id="RL1310",
    title="Delete or evict pods",
    gives="Outage; together with a way to close the other nodes, pods that start again on a node which the attacker holds.",
    fix="Remove it; let controllers replace pods, and protect them by disruption budgets.",
    tier=2,
    trigger=may("delete deletecollection", "pods") | may("create", "pods/eviction"),
    scores={C: 5.2, N: 5.2},
    named=True,
    here=_here,
    asks=_NODES,
    attack=("T1499", "T1485"),
    owasp=("K02",),
)
