"""RL1011: a powerful role of the system itself, given to somebody else."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, RBAC, WORKLOADS, WRITE, holds, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern

_CERTIFICATES = "certificates.k8s.io"
_SIGNERS = ("kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving", "legacy-unknown")
_ASKING = may("create", "tokenreviews", "authentication.k8s.io", cluster=True) | may(
    "create", "subjectaccessreviews", "authorization.k8s.io", cluster=True
)
_ASKING_SCORE = 3.5
_STRONG = (
    may(f"get list watch {WRITE} delete deletecollection", "secrets")
    | may("create", "serviceaccounts/token pods pods/exec")
    | may("impersonate", "serviceaccounts")
    | WORKLOADS
    | may(f"{WRITE} bind escalate", "roles clusterroles", RBAC)
    | may("update patch delete", "nodes", cluster=True)
    | may("get create", "nodes/proxy", cluster=True)
    | may("create", "persistentvolumes", cluster=True)
    | may("create", "certificatesigningrequests", _CERTIFICATES, cluster=True)
    | may("update patch", "certificatesigningrequests/approval", _CERTIFICATES, cluster=True)
    | may(WRITE, "endpoints")
    | may(WRITE, "endpointslices", "discovery.k8s.io")
)
for _name in _SIGNERS:
    _STRONG |= may("approve sign", "signers", _CERTIFICATES, cluster=True, name=f"kubernetes.io/{_name}")


def _score(match: Match, score: float) -> float | None:
    """The name says only whose role it is; what its rules give makes the level."""
    role = match.role
    if role is None or not role.name.startswith("system:") or match.context.shipped_role(role) is None:
        return None
    if match.principal is not None and match.principal.kind == "Group" and match.principal.name.startswith("system:bootstrappers"):
        # Nodes that join: kubeadm gives them system:node-bootstrapper.
        return None
    return score if _is_strong(role) else _ASKING_SCORE


def _is_strong(role: Role) -> bool:
    def ask(pattern: Pattern) -> bool:
        return any(rule_touches(rule, pattern) for rule in role.rules)

    return holds(_STRONG, ask)


RULE = CapabilityRule(
    id="RL1011",
    title="Powerful system: role reused",
    gives="All that a component of the control plane or a kubelet may do, which is more than the one right that was wanted.",
    fix="Write a role for the purpose, with the rules that are needed.",
    trigger=_STRONG | _ASKING,
    unless=may(FRESH, FRESH, FRESH),
    scores={C: 8.6},
    whole="role",
    score=_score,
    cis=("5.1.1", "5.1.10"),
    attack=("T1098.006",),
    owasp=("K02",),
)
