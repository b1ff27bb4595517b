"""IMDS_NODE_ROLE: a machine of a cloud has an identity there, and a service that hands it out on the machine.

Root on a node gets it, and pods in its network; whether others do depends on settings that are not in the input.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack import clouds
from rbaclens.graph.attack.footholds import cloud, machine, pod
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for node in sorted(world.policy.nodes, key=lambda one: one.name):
        provider = clouds.provider(node.labels)
        if provider:
            identity = cloud(f"{provider}:the role of node {node.name}")
            yield machine(node.name), identity, ""
            for runner in world.on_node[node.name]:
                if runner.spec.host_network:
                    yield pod(runner.namespace, runner.name), identity, ""


TECHNIQUE = Fact(
    id="IMDS_NODE_ROLE",
    title="asks the cloud for the node's identity",
    needs="root on a node of a cloud, or code in a pod with hostNetwork there",
    edges=_edges,
    effect="the cloud identity of the node",
    cost=2,
    request="curl http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    reference="https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
)
