"""RL1704: writing mutating admission policies."""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, atoms, form, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule

_GROUP = "admissionregistration.k8s.io"
_POLICIES = "mutatingadmissionpolicies"
_BINDINGS = may(WRITE, "mutatingadmissionpolicybindings", _GROUP, cluster=True)
_ONE_HALF = 8.0


def _score(match: Match, score: float) -> float:
    """A level less without the bindings: it takes a policy that somebody has put in force already."""
    return score if any(match.may(form(one, True)) for one in atoms(_BINDINGS)) else _ONE_HALF


# A binding alone says where a policy counts, not what it does.
RULE = CapabilityRule(
    id="RL1704",
    title="MutatingAdmissionPolicy write",
    gives="Expressions that rewrite any object on its way into the cluster, in the API server itself, without an endpoint to run.",
    fix="Keep admission policies and their bindings to the people who own the cluster's policy.",
    trigger=(may(WRITE, _POLICIES, _GROUP, cluster=True) & _BINDINGS) | may("update patch", _POLICIES, _GROUP, cluster=True),
    scores={C: 9.0},
    named=True,
    score=_score,
    admin=(C,),
    cis=("5.1.12",),
    attack=("T1546",),
    owasp=("K04",),
    since=(1, 36),
)
