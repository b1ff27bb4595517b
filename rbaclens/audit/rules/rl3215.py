"""RL3215: impersonating groups, and nobody who could be in them."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.analysis.holder import principal_of
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.decision import RbacGrant
from rbaclens.model.pattern import Pattern

_USERS = Pattern("impersonate", "users", "", "", "", None)
_ACCOUNTS = Pattern("impersonate", "serviceaccounts", "", "", None, None)


def _score(match: Match, score: float) -> float | None:
    if match.may(_USERS) or match.may(_ACCOUNTS) or _has_account_somewhere(match):
        return None
    return score


def _has_account_somewhere(match: Match) -> bool:
    """Whether a RoleBinding lets the principal speak for service accounts of its namespace: that completes the request too."""
    for binding in match.context.bindings:
        role = match.context.role_of(binding) if binding.namespace else None
        if role is None or not any(rule_touches(rule, _ACCOUNTS) for rule in role.rules):
            continue
        if any(principal_of(RbacGrant(binding, subject, role, 0)) == match.principal for subject in binding.subjects):
            return True
    return False


RULE = CapabilityRule(
    id="RL3215",
    title="Impersonation of groups alone",
    gives="Nothing yet, as a group header needs a user header beside it; with the next grant of impersonation any of these groups.",
    fix="Remove it, or grant it together with the users that the groups are meant for, both limited by resourceNames.",
    trigger=may("impersonate", "groups", cluster=True),
    scores={C: 0.0},
    named=True,
    score=_score,
    cis=("5.1.8",),
    owasp=("K02",),
)
