"""RL1203: binding any cluster role in the whole cluster."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, WORKLOADS, WRITE, Expression, atoms, form, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.objects import Role

_TRIGGER = may("bind", "clusterroles", RBAC, cluster=True) & may(WRITE, "clusterrolebindings", RBAC, cluster=True)
_UNKNOWN = 8.0
_ADMIN = tuple(
    form(one, False)
    for one in atoms(
        may("create", "pods pods/exec serviceaccounts/token secrets")
        | may("get list watch patch delete deletecollection", "secrets")
        | may("impersonate", "users groups serviceaccounts")
        | may("escalate bind", "roles clusterroles", RBAC)
        | may("get create", "nodes/proxy")
        | may("approve sign", "signers", "certificates.k8s.io")
        | may(WRITE, "mutatingwebhookconfigurations mutatingadmissionpolicies", "admissionregistration.k8s.io")
        | may(WRITE, "apiservices", "apiregistration.k8s.io")
        | WORKLOADS
    )
)
"""What makes a role dangerous to hold everywhere."""


def _score(match: Match, score: float) -> float | None:
    """Limited to names: by what the roles give that can be handed out; a level less for one that is not in the input."""
    if match.may(_TRIGGER):
        return score
    roles = match.context.index.roles
    found = [roles.get(("ClusterRole", "", name)) for name in _reachable(match)]
    if any(one is not None and _dangerous(one.role) for one in found):
        return score
    return None if found and None not in found else _UNKNOWN


def _reachable(match: Match) -> set[str]:
    """The names of the cluster roles that can be bound, or whose bindings can be changed."""
    names = match.names or (tuple(name for rule in match.role.rules for name in rule.resource_names) if match.role else ())
    if match.may(_bind()):
        return {one.role_ref.name for one in match.context.policy.bindings if not one.namespace and one.name in names}
    return {name for name in names if match.may(_bind(name))}


def _bind(name: str | None = None) -> Expression:
    return may("bind", "clusterroles", RBAC, cluster=True, name=name)


def _dangerous(role: Role) -> bool:
    return any(rule_touches(rule, pattern) for rule in role.rules for pattern in _ADMIN)


# bind is looked up on the role; on bindings it says nothing. A binding keeps its role, so that update and patch add subjects only.
RULE = CapabilityRule(
    id="RL1203",
    title="Bind any ClusterRole cluster-wide",
    gives="cluster-admin, bound to oneself.",
    fix="Limit bind by resourceNames to harmless roles, or take it away.",
    trigger=_TRIGGER,
    scores={C: 9.6},
    named=True,
    sensitive=bool,
    score=_score,
    admin=(C,),
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
