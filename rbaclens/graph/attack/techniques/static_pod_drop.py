"""STATIC_POD_DROP: the kubelet runs every pod that it finds in its folder of manifests, and no admission is asked."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import pod
from rbaclens.graph.attack.reach import node_of
from rbaclens.graph.attack.runners import writes_manifests
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for runner in world.runners:
        if writes_manifests(runner, world.claims):
            yield pod(runner.namespace, runner.name), node_of(runner), ""


TECHNIQUE = Fact(
    id="STATIC_POD_DROP",
    title="puts a pod into the folder of the kubelet",
    needs="code in a pod that may write to the folder of static pods",
    edges=_edges,
    effect="root on the node of the pod",
    cost=2,
    request="cp privileged.yaml /host/etc/kubernetes/manifests/",
    reference="https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/",
    mitigations="a read-only mount",
)
