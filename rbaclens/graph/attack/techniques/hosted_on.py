"""HOSTED_ON: root on a node has the processes and files of every pod that runs there.

Where a pod runs is known of pods; those of a DaemonSet run on every node, those of other controllers on some node.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import ANY_NODE, machine, pod
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for node, runners in sorted(world.on_node.items()):
        for runner in runners:
            yield machine(node), pod(runner.namespace, runner.name), ""
    for runner in world.runners:
        if not runner.node:
            yield ANY_NODE, pod(runner.namespace, runner.name), ""


TECHNIQUE = Fact(
    id="HOSTED_ON",
    title="controls the pods of the node",
    needs="root on the node",
    edges=_edges,
    effect="code in every pod there",
    cost=0,
    request="crictl exec -it CONTAINER sh",
    reference="https://kubernetes.io/docs/concepts/architecture/nodes/",
)
