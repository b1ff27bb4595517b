"""RL1008: admin or edit in the whole cluster."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.audit.rule import C, CapabilityRule

# Whatever a role is called: these are the rights that make edit (which admin contains) what it is.
RULE = CapabilityRule(
    id="RL1008",
    title="admin or edit bound cluster-wide",
    gives="Secrets, tokens, impersonation of service accounts, exec and workloads in every namespace, kube-system too: cluster-admin.",
    fix="Bind the role by RoleBindings in the namespaces of the team.",
    trigger=may("get", "secrets")
    & may("create", "secrets")
    & may("impersonate", "serviceaccounts")
    & may("create", "serviceaccounts/token")
    & may("create", "pods")
    & may("create", "pods/exec")
    & may("create", "deployments", "apps"),
    unless=may(FRESH, FRESH, FRESH),
    scores={C: 9.3},
    admin=(C,),
    whole="role",
    cis=("5.1.1",),
    attack=("T1078", "T1098.006"),
    owasp=("K02",),
)
