"""RL1202: escalating roles."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import NP, C, CapabilityRule, N

_CHANGE = "update patch"
# The name is not known to the check of escalate when a role is made, so that escalate by name never serves a create.
_TRIGGER = (may("escalate", "roles", RBAC) & may(_CHANGE, "roles", RBAC)) | (
    may("escalate", "roles", RBAC, name="") & may("create", "roles", RBAC)
)


def _score(match: Match, score: float) -> float | None:
    """Limited to names: both halves must be about the same role."""
    if match.may(_TRIGGER):
        return score
    names = match.names or (tuple(name for rule in match.role.rules for name in rule.resource_names) if match.role else ())
    for name in names:
        if match.may(may("escalate", "roles", RBAC, name=name) & may(_CHANGE, "roles", RBAC, name=name)):
            return score
    return None


RULE = CapabilityRule(
    id="RL1202",
    title="Escalate Roles",
    gives="Every right in the namespace, by a rule added to a Role there; in a privileged namespace, or in all of them, cluster-admin.",
    fix="Take escalate on roles away; who writes roles may hand out what they hold themselves without it.",
    trigger=_TRIGGER,
    scores={C: 9.2, N: 8.4, NP: 9.2},
    named=True,
    score=_score,
    admin=(C, NP),
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
