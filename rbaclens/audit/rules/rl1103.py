"""RL1103: reading the secrets of a namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import CapabilityRule, N


def _score(match: Match, score: float) -> float | None:
    """A privileged namespace is RL1102's."""
    return None if match.privileged else score


RULE = CapabilityRule(
    id="RL1103",
    title="Read secrets in a namespace",
    gives="Every credential of the namespace: passwords, TLS and cloud keys, stored service account tokens.",
    fix="Grant get alone, on the secrets that are needed, by resourceNames.",
    trigger=may("get list watch", "secrets"),
    scores={N: 7.2},
    score=_score,
    cis=("5.1.2",),
    attack=("T1552.007",),
    owasp=("K03",),
)
