"""PATCH_POD_IMAGE: of a pod that runs little can be changed, but its images can: the kubelet restarts the container with the new one."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.reach import pods_of
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="PATCH_POD_IMAGE",
    title="put another image into a pod",
    needs=may("update patch", "pods"),
    leads_to=pods_of,
    effect="code in the pods",
    cost=2,
    request="kubectl set image pod/{name} -n {namespace} CONTAINER=IMAGE",
    reference="https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement",
    named=("pods",),
)
