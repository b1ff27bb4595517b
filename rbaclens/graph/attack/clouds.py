"""What shows that a cluster runs in a cloud, and which identities of the cloud are in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbaclens.graph.attack.world import World

_EKS_ROLES = ("eks:node-bootstrapper", "eks:addon-manager", "eks:node-manager", "eks:cloud-controller-manager", "eks:k8s-metrics")
_PROVIDERS = {
    "eks.amazonaws.com/": "aws",
    "alpha.eksctl.io/": "aws",
    "karpenter.k8s.aws/": "aws",
    "cloud.google.com/": "gcp",
    "kubernetes.azure.com/": "azure",
}
_ANNOTATIONS = {
    "eks.amazonaws.com/role-arn": "aws",
    "iam.gke.io/gcp-service-account": "gcp",
    "azure.workload.identity/client-id": "azure",
}


def provider(labels: Mapping[str, str]) -> str:
    """The cloud that labelled a node; empty: none that is known."""
    return next((name for prefix, name in _PROVIDERS.items() if any(label.startswith(prefix) for label in labels)), "")


def identities(annotations: Mapping[str, str]) -> Iterator[str]:
    """The cloud identities of a service account: the provider and what it calls them."""
    for key, name in _ANNOTATIONS.items():
        if annotations.get(key):
            yield f"{name}:{annotations[key]}"


def is_eks(world: World) -> bool:
    """Whether something shows that this is EKS, and reads aws-auth: its roles, its nodes, or a rule that names the object."""
    roles = world.engine.index.roles
    if any(("ClusterRole", "", name) in roles for name in _EKS_ROLES):
        return True
    if any(provider(node.labels) == "aws" for node in world.policy.nodes):
        return True
    return "aws-auth" in world.named_objects
