"""CONTROL_PLANE_PKI: a control plane that runs on a node keeps its keys there: who has them signs any certificate and any token.

Only nodes that are labelled as control plane count; where a provider runs it, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import CLUSTER_ADMIN, machine
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for node, control_plane in sorted(world.nodes.items()):
        if control_plane:
            yield machine(node), CLUSTER_ADMIN, ""


TECHNIQUE = Fact(
    id="CONTROL_PLANE_PKI",
    title="reads the keys of the control plane",
    needs="root on a node with the label node-role.kubernetes.io/control-plane (or master)",
    edges=_edges,
    effect="cluster-admin",
    cost=1,
    request="kubectl --kubeconfig /etc/kubernetes/super-admin.conf get secrets -A",
    reference="https://kubernetes.io/docs/setup/best-practices/certificates/",
)
