"""AZURE_POD_IDENTITY_EXCEPTION: an exception for AAD pod identity lets pods past its guard to the metadata service of the machine."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import cloud
from rbaclens.graph.attack.technique import Technique

_GROUP = "aadpodidentity.k8s.io"

TECHNIQUE = Technique(
    id="AZURE_POD_IDENTITY_EXCEPTION",
    title="except pods from the guard of the metadata service",
    needs=may("create", "azurepodidentityexceptions", _GROUP),
    leads_to=lambda case: (cloud("azure:the identities of the nodes"),) if _GROUP in case.world.api_groups else (),
    effect="the cloud identity of the nodes",
    cost=3,
    request="kubectl apply -n {namespace} -f -  # AzurePodIdentityException that matches a pod of one's own",
    reference="https://azure.github.io/aad-pod-identity/docs/configure/application_exception/",
)
