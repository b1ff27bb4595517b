"""RL1207: writing roles without escalate."""

from __future__ import annotations

from rbaclens.analysis.capability import RBAC, WRITE, Expression, atoms, form, may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule, N
from rbaclens.model.pattern import Pattern

_ROLES = may(WRITE, "roles", RBAC)
_CLUSTER_ROLES = may(WRITE, "clusterroles", RBAC, cluster=True)
_ESCALATE_ROLES = may("escalate", "roles", RBAC)
_ESCALATE_CLUSTER_ROLES = may("escalate", "clusterroles", RBAC, cluster=True)


def _by_name(expression: Expression) -> tuple[Pattern, ...]:
    """What it takes, be it for certain names only."""
    return tuple(form(one, True) for one in atoms(expression))


_HALVES = (
    (_by_name(_ROLES), _by_name(_ESCALATE_ROLES)),
    (_by_name(_CLUSTER_ROLES), _by_name(_ESCALATE_CLUSTER_ROLES)),
)


def _here(here: Here, score: float) -> float | None:
    """With escalate on the same kind it is another rule's (RL1201, RL1202)."""
    may_do = here.may
    return score if any(any(map(may_do, change)) and not any(map(may_do, escalate)) for change, escalate in _HALVES) else None


# Without escalate the API server lets nobody write a rule that they do not hold themselves; labels count as a change too.
RULE = CapabilityRule(
    id="RL1207",
    title="Write roles without escalate",
    gives="Roles widened by one's own rights, put under another aggregated role by a label, or emptied, which locks their holders out.",
    fix="Take it away, or limit update and patch by resourceNames to the roles that the component owns.",
    tier=2,
    trigger=_ROLES | _CLUSTER_ROLES,
    scores={C: 5.0, N: 5.0},
    named=True,
    here=_here,
    asks=_ESCALATE_ROLES | _ESCALATE_CLUSTER_ROLES,
    cis=("5.1.8",),
    attack=("T1098.006",),
    owasp=("K02",),
)
