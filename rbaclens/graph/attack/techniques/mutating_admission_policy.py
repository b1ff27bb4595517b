"""MUTATING_ADMISSION_POLICY: expressions in the API server itself rewrite what others send, pods among it, and need no endpoint.

A policy counts through its binding; one that is there already and bound needs a change only.
"""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.technique import Technique

_GROUP = "admissionregistration.k8s.io"

TECHNIQUE = Technique(
    id="MUTATING_ADMISSION_POLICY",
    title="have objects rewritten by an admission policy",
    needs=(
        may("create", "mutatingadmissionpolicies", _GROUP, cluster=True)
        & may(WRITE, "mutatingadmissionpolicybindings", _GROUP, cluster=True)
    )
    | may("update patch", "mutatingadmissionpolicies", _GROUP, cluster=True),
    leads_to=lambda case: (accounts(EVERYWHERE),),
    effect="every service account, whose pods come out rewritten",
    cost=2,
    request="kubectl apply -f -  # MutatingAdmissionPolicy for pods, and its binding",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/",
    any_name=("mutatingadmissionpolicies", "mutatingadmissionpolicybindings"),
    since=(1, 36),
)
