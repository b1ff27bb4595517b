"""RL2001: writing aws-auth."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import NP, C, CapabilityRule
from rbaclens.model.decision import RbacGrant

_NAME = "aws-auth"
_NAMESPACE = "kube-system"
_CHANGE = may("update patch", "configmaps", name=_NAME, namespace=_NAMESPACE)
_ONLY_PERHAPS = 7.0
_EKS_ROLES = ("eks:node-bootstrapper", "eks:addon-manager", "eks:node-manager", "eks:cloud-controller-manager", "eks:k8s-metrics")
_EKS_LABELS = ("eks.amazonaws.com/", "alpha.eksctl.io/", "karpenter.k8s.aws/")


def _score(match: Match, score: float) -> float | None:
    """In full on EKS or where the object is named; on a platform that is not known a change may matter, a creation hardly does.

    On EKS the object is there from the first node group on, so that a creation alone matters only until then.
    """
    eks = _is_eks(match)
    if not match.may(_CHANGE):
        return _ONLY_PERHAPS if eks else None
    return score if eks or _is_named(match) else _ONLY_PERHAPS


def _is_eks(match: Match) -> bool:
    context = match.context
    if any(("ClusterRole", "", name) in context.index.roles for name in _EKS_ROLES):
        return True
    return any(label.startswith(_EKS_LABELS) for node in context.policy.nodes for label in node.labels)


def _is_named(match: Match) -> bool:
    rules = [grant.rule for grant in match.grants if isinstance(grant, RbacGrant)]
    return any(_NAME in rule.resource_names for rule in (*rules, *(match.role.rules if match.role else ())))


# Whether the cluster is EKS, and reads aws-auth at all, is not known for sure: the rule makes nobody equivalent to cluster-admin.
RULE = CapabilityRule(
    id="RL2001",
    title="Write aws-auth",
    gives="On EKS, a mapping of the attacker's own IAM role to system:masters.",
    fix="Use access entries (authentication mode API) and remove the right to write the ConfigMap.",
    confidence="medium",
    trigger=_CHANGE | may("create", "configmaps", namespace=_NAMESPACE),
    scores={C: 9.4, NP: 9.4},
    score=_score,
    attack=("T1098", "T1078.004"),
    owasp=("K08",),
)
