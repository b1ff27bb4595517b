"""NODE_AUTHORIZER: the Node authorizer lets a kubelet ask for tokens of the accounts of its pods, and read their secrets.

More it does not give: NodeRestriction keeps a kubelet to its own node, and other rights of its group are asked about as everybody's.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import account, node_user, secret
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    if not world.asks_nodes:
        return
    for node, runners in sorted(world.on_node.items()):
        served = [runner for runner in runners if not runner.is_mirror]
        for one in sorted({runner.account for runner in served}):
            yield node_user(node), account(*one), ""
        for namespace, name in sorted({(runner.namespace, name) for runner in served for name in runner.secrets()}):
            yield node_user(node), secret(namespace, name), ""


TECHNIQUE = Fact(
    id="NODE_AUTHORIZER",
    title="asks as the kubelet",
    needs="the identity of a node, where the Node authorizer is in the chain",
    edges=_edges,
    effect="the service accounts and secrets of the pods on that node",
    cost=1,
    request="kubectl create token ACCOUNT -n NAMESPACE --bound-object-kind=Pod --bound-object-name=POD",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/node/",
    mitigations="NodeRestriction keeps the kubelet to its own pods",
)
