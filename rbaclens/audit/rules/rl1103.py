"""RL1103: reading the secrets of a namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import CapabilityRule, N


def _here(here: Here, score: float) -> float | None:
    """A privileged namespace is RL1102's."""
    return None if here.privileged else score


RULE = CapabilityRule(
    id="RL1103",
    title="Read secrets in a namespace",
    gives="Every credential of the namespace: passwords, TLS and cloud keys, stored service account tokens.",
    fix="Grant get alone, on the secrets that are needed, by resourceNames.",
    trigger=may("get list watch", "secrets"),
    scores={N: 7.2},
    here=_here,
    cis=("5.1.2",),
    attack=("T1552.007",),
    owasp=("K03",),
)
