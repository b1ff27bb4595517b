"""RL1201: escalating cluster roles."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule

_CHANGE = "update patch"
# The name is not known to the check of escalate when a role is made, so that escalate by name never serves a create.
_TRIGGER = (may("escalate", "clusterroles", RBAC, cluster=True) & may(_CHANGE, "clusterroles", RBAC, cluster=True)) | (
    may("escalate", "clusterroles", RBAC, cluster=True, name="") & may("create", "clusterroles", RBAC, cluster=True)
)


def _score(match: Match, score: float) -> float | None:
    """Limited to names: both halves must be about the same role."""
    if match.may(_TRIGGER):
        return score
    names = match.names or (tuple(name for rule in match.role.rules for name in rule.resource_names) if match.role else ())
    for name in names:
        if match.may(
            may("escalate", "clusterroles", RBAC, cluster=True, name=name) & may(_CHANGE, "clusterroles", RBAC, cluster=True, name=name)
        ):
            return score
    return None


RULE = CapabilityRule(
    id="RL1201",
    title="Escalate ClusterRoles",
    gives="Any rule added to a ClusterRole that one is bound to already, which makes it cluster-admin.",
    fix="Take escalate on clusterroles away; only the controller that gathers aggregated roles needs it.",
    trigger=_TRIGGER,
    scores={C: 9.6},
    named=True,
    score=_score,
    admin=(C,),
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
