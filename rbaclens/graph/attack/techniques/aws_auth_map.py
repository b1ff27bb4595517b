"""AWS_AUTH_MAP: on EKS a ConfigMap says which cloud role is in which group of the cluster, and system:masters may stand there.

Only where something in the input shows that it is EKS: its roles, labels of nodes, or a rule about this very object.
"""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack import clouds
from rbaclens.graph.attack.footholds import MASTERS_SINK
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="AWS_AUTH_MAP",
    title="map a cloud role to system:masters",
    needs=may("update patch", "configmaps", name="aws-auth", namespace="kube-system"),
    leads_to=lambda case: (MASTERS_SINK,) if clouds.is_eks(case.world) else (),
    effect="system:masters",
    cost=1,
    request="kubectl edit configmap aws-auth -n kube-system",
    reference="https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html",
)
