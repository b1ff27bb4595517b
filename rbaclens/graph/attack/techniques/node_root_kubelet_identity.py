"""NODE_ROOT_KUBELET_IDENTITY: the kubelet's client certificate lies on its node, and with it the name of the node."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import machine, node_user
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for node in sorted(world.nodes):
        yield machine(node), node_user(node), ""


TECHNIQUE = Fact(
    id="NODE_ROOT_KUBELET_IDENTITY",
    title="uses the certificate of the kubelet",
    needs="root on the node",
    edges=_edges,
    effect="the node's own identity",
    cost=1,
    request="kubectl --kubeconfig /etc/kubernetes/kubelet.conf get pods -A",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/node/",
)
