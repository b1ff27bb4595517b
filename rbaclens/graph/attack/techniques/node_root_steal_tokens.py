"""NODE_ROOT_STEAL_TOKENS: the tokens of all pods of a node lie in the files of the kubelet."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import ANY_NODE, account, machine
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for node, runners in sorted(world.on_node.items()):
        for one in sorted({runner.account for runner in runners if world.has_token(runner)}):
            yield machine(node), account(*one), ""
    for one in sorted({runner.account for runner in world.runners if not runner.node and world.has_token(runner)}):
        yield ANY_NODE, account(*one), ""


TECHNIQUE = Fact(
    id="NODE_ROOT_STEAL_TOKENS",
    title="reads the tokens of the pods",
    needs="root on the node, and pods there that have a token",
    edges=_edges,
    effect="the service accounts of the pods on the node",
    cost=1,
    request="find /var/lib/kubelet/pods -path '*kubernetes.io~projected*' -name token",
    reference="https://kubernetes.io/docs/concepts/security/security-checklist/",
    mitigations="automountServiceAccountToken: false",
)
