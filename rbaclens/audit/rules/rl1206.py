"""RL1206: writing bindings without bind."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, WORKLOADS, WRITE, atoms, form, may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule, N

_CLUSTER = may(WRITE, "clusterrolebindings", RBAC, cluster=True)
_CHANGES = tuple(form(one, True) for one in atoms(_CLUSTER))
_BIND_ROLES = may("bind", "roles", RBAC)
_POWERS = may("create", "pods pods/exec serviceaccounts/token") | WORKLOADS | may("impersonate", "serviceaccounts")
_POWERFUL = 9.0


def _here(here: Here, score: float) -> float | None:
    """As bad as what can be handed on: one's own rights, which may amount to cluster-admin."""
    # bind on roles serves RoleBindings, which then are another rule's, and no ClusterRoleBinding.
    if here.may(_BIND_ROLES) and not any(map(here.may, _CHANGES)):
        return None
    return _POWERFUL if (here.everywhere or here.privileged) and here.may(_POWERS) else score


# Without bind the API server lets nobody hand on what they do not hold: this spreads power, it gives none.
RULE = CapabilityRule(
    id="RL1206",
    title="Write bindings without bind",
    gives="One's own rights handed on to anybody else, which outlasts the loss of the account; not more rights than these.",
    fix="Decide who may delegate; take create, update and patch on bindings from everybody else.",
    trigger=may(WRITE, "rolebindings", RBAC) | _CLUSTER,
    unless=may("bind", "clusterroles", RBAC),
    scores={C: 5.8, N: 5.8},
    named=True,
    here=_here,
    asks=_BIND_ROLES | _POWERS,
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
