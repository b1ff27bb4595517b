"""EPHEMERAL_CONTAINER: a container that is added to a pod that runs shares its network, its account and, if asked for, its processes."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.reach import pods_of
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="EPHEMERAL_CONTAINER",
    title="add a container to a pod",
    needs=may("update patch", "pods/ephemeralcontainers"),
    leads_to=pods_of,
    effect="code in the pods",
    cost=1,
    request="kubectl debug {name} -n {namespace} -it --image=alpine --target=CONTAINER",
    reference="https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/",
    named=("pods",),
)
