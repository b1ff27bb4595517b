"""PATCH_NAMESPACE_PSA: pod security goes by a label of the namespace, and who may change the namespace takes it off.

A request for a namespace object is one in that namespace: a Role there gives it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import ANY_NODE
from rbaclens.graph.attack.rights import NEW_PODS
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    if case.name and not case.everywhere and case.name != case.scope:
        return
    # Where nothing is enforced no label is in the way: that is CREATE_PRIVILEGED_POD.
    if any(case.world.enforced(namespace) for namespace in ((case.name,) if case.name else case.namespaces)):
        yield ANY_NODE


TECHNIQUE = Technique(
    id="PATCH_NAMESPACE_PSA",
    title="take pod security off a namespace and create a pod that takes its node",
    needs=may("update patch", "namespaces") & NEW_PODS,
    leads_to=_leads_to,
    effect="root on any node",
    cost=3,
    request="kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite",
    reference="https://kubernetes.io/docs/concepts/security/pod-security-admission/",
    named=("namespaces",),
)
