"""RL1211: impersonating service accounts."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import NP, C, CapabilityRule, N

_CONTROLLERS = frozenset({
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "generic-garbage-collector",
    "job-controller",
    "replicaset-controller",
    "replication-controller",
    "statefulset-controller",
})  # fmt: skip

# A user name that is a service account's is asked about here, and never as a user.
RULE = CapabilityRule(
    id="RL1211",
    title="Impersonate service accounts",
    gives="Requests in the name of any service account in scope, with all that it may do.",
    fix="List the accounts in resourceNames, in a Role of their namespace, or give the caller the rights that it needs itself.",
    trigger=may("impersonate", "serviceaccounts"),
    scores={C: 9.3, N: 8.8, NP: 9.2},
    named=True,
    sensitive=_CONTROLLERS.__contains__,
    admin=(C, NP),
    cis=("5.1.8",),
    attack=("T1528", "T1550"),
    owasp=("K02",),
)
