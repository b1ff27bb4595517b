"""RL1708: changing namespaces."""

from __future__ import annotations

from rbaclens.analysis.capability import WORKLOADS, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule, N

_CHANGE = "update patch"
_PODS = may("create", "pods") | WORKLOADS
_WITH_PODS = 9.0
_NAMED = 5.5


def _score(match: Match, score: float) -> float | None:
    """Worse with pods to make; less where it is certain namespaces. In a namespace only its own name is ever asked for."""
    if not match.may(may(_CHANGE, "namespaces")):
        if match.everywhere:
            return _NAMED
        if not match.may(may(_CHANGE, "namespaces", name=match.scope)):
            return None
    return _WITH_PODS if match.may(_PODS) else score


# A request for a namespace is one in that namespace, so that a Role there gives it.
RULE = CapabilityRule(
    id="RL1708",
    title="Change namespaces",
    gives="Other labels on a namespace: pod security off, out of the reach of admission webhooks, into trusted network selectors.",
    fix="Take update and patch on namespaces away, or let an admission policy guard the labels that security goes by.",
    trigger=may(_CHANGE, "namespaces"),
    scores={C: 7.0, N: 7.0},
    named=True,
    sensitive=bool,
    score=_score,
    attack=("T1562.001",),
    owasp=("K04",),
)
