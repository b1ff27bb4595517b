"""RL1107: requesting service account tokens."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

# Of the accounts that every cluster has, this one may write any ClusterRole.
_ADMINS = {"clusterrole-aggregation-controller"}

RULE = CapabilityRule(
    id="RL1107",
    title="Request service account tokens",
    gives="A valid token of any service account in scope, for any audience and up to the longest lifetime; no pod is needed.",
    fix="Limit create on serviceaccounts/token to the one account by resourceNames; prefer projected token volumes.",
    trigger=may("create", "serviceaccounts/token"),
    scores={C: 9.2, N: 8.0, NP: 9.2},
    named=True,
    sensitive=_ADMINS.__contains__,
    admin=(C, NP),
    cis=("5.1.13",),
    attack=("T1528", "T1550.001"),
    owasp=("K02",),
)
