"""RL1210: impersonating groups."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

_PRIVILEGED = {"system:masters", "system:nodes", "kubeadm:cluster-admins"}

# A group header without a user header is rejected, so that groups alone give nothing.
RULE = CapabilityRule(
    id="RL1210",
    title="Impersonate groups",
    gives="Requests in the name of system:masters, which no authorizer is asked about: full control of the cluster.",
    fix="List the groups that a proxy really speaks for in resourceNames; never system:masters.",
    trigger=may("impersonate", "groups", cluster=True)
    & (may("impersonate", "users", cluster=True) | may("impersonate", "serviceaccounts")),
    scores={C: 9.7},
    named=True,
    sensitive=_PRIVILEGED.__contains__,
    admin=(C,),
    cis=("5.1.7", "5.1.8"),
    attack=("T1078", "T1550"),
    owasp=("K02",),
)
