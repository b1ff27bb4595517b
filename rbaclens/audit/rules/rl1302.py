"""RL1302: creating pods where powerful accounts are."""

from __future__ import annotations

from rbaclens.analysis.capability import WORKLOADS, may
from rbaclens.audit.rule import NP, CapabilityRule

RULE = CapabilityRule(
    id="RL1302",
    title="Create pods in a privileged namespace",
    gives="Code under a service account of that namespace which amounts to cluster-admin.",
    fix="Leave such namespaces to the operators of the cluster; move workloads of others out of them.",
    trigger=may("create", "pods") | WORKLOADS,
    scores={NP: 9.1},
    named=True,
    pods=True,
    admin=(NP,),
    cis=("5.1.4",),
    attack=("T1610", "T1528"),
    owasp=("K02",),
)
