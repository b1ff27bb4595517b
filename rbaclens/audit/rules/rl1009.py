"""RL1009: admin or edit in a privileged namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.audit.rule import NP, CapabilityRule

# Whatever a role is called: these are the rights that make edit (which admin contains) what it is.
RULE = CapabilityRule(
    id="RL1009",
    title="admin or edit inside a privileged namespace",
    gives="A token of any service account there, such as one that may rewrite every ClusterRole: cluster-admin.",
    fix="Do not delegate privileged namespaces; move what the team needs to a namespace of its own.",
    trigger=may("get", "secrets")
    & may("create", "secrets")
    & may("impersonate", "serviceaccounts")
    & may("create", "serviceaccounts/token")
    & may("create", "pods")
    & may("create", "pods/exec")
    & may("create", "deployments", "apps"),
    unless=may(FRESH, FRESH, FRESH),
    scores={NP: 9.2},
    admin=(NP,),
    whole="role",
    cis=("5.1.1",),
    attack=("T1528",),
    owasp=("K02",),
)
