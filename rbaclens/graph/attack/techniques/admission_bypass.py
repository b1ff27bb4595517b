"""ADMISSION_BYPASS: what admission would refuse passes once its configuration is gone, or made to match nothing."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import ADMISSION_BYPASS
from rbaclens.graph.attack.technique import Technique

_RESOURCES = (
    "mutatingwebhookconfigurations validatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings "
    "mutatingadmissionpolicies mutatingadmissionpolicybindings"
)

TECHNIQUE = Technique(
    id="ADMISSION_BYPASS",
    title="switch admission policy off",
    needs=may("update patch delete deletecollection", _RESOURCES, "admissionregistration.k8s.io", cluster=True)
    | may("create update patch", "policyexceptions", "kyverno.io")
    | may("create update patch", "policyexceptions", "policies.kyverno.io"),
    leads_to=lambda case: (ADMISSION_BYPASS,),
    effect="objects that policy would refuse",
    cost=2,
    request="kubectl delete validatingwebhookconfiguration {name}",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
    any_name=(*_RESOURCES.split(), "policyexceptions"),
)
