"""RL1209: impersonating users."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.capability import RBAC, Expression, may
from rbaclens.audit.context import KUBE_SYSTEM, Context
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule
from rbaclens.model.identity import AUTHENTICATED, MASTERS, parse_service_account
from rbaclens.model.request import Request

_TRIGGER = may("impersonate", "users", cluster=True)
_POWERS = (
    Request("create", "serviceaccounts", subresource="token", namespace=KUBE_SYSTEM),
    Request("create", "pods", namespace=KUBE_SYSTEM),
    Request("get", "secrets", namespace=KUBE_SYSTEM),
    Request("impersonate", "serviceaccounts", namespace=KUBE_SYSTEM),
    Request("impersonate", "groups", name=MASTERS),
    Request("escalate", "clusterroles", RBAC),
    Request("bind", "clusterroles", RBAC),
)
"""What nobody may who does not amount to cluster-admin, or nearly so."""


def _score(match: Match, score: float) -> float | None:
    """Limited to names: only where one of these users is privileged."""
    if match.may(_TRIGGER):
        return score
    names = match.names or (tuple(name for rule in match.role.rules for name in rule.resource_names) if match.role else ())
    return score if any(_privileged(match.context, name) for name in names if match.may(_named(name))) else None


def _named(name: str) -> Expression:
    return may("impersonate", "users", cluster=True, name=name)


def _privileged(context: Context, user: str) -> bool:
    """Whether a user has power in their own name; the groups of a certificate or token are not taken over.

    The name of a service account is asked about among the service accounts, never here.
    """
    if parse_service_account(user):
        return False
    asked = (msgspec.structs.replace(one, user=user, groups=(AUTHENTICATED,)) for one in _POWERS)
    return any(context.engine.decide(one).allowed for one in asked)


RULE = CapabilityRule(
    id="RL1209",
    title="Impersonate users",
    gives="Requests in the name of any user, such as an administrator or system:kube-controller-manager.",
    fix="List the users that are really spoken for in resourceNames; no privileged one among them.",
    trigger=_TRIGGER,
    scores={C: 9.5},
    named=True,
    sensitive=bool,
    score=_score,
    admin=(C,),
    cis=("5.1.8",),
    attack=("T1078", "T1550"),
    owasp=("K02",),
)
