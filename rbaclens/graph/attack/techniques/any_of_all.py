"""ANY_OF_ALL: whoever stands everywhere stands in each namespace; who has every account, pod, secret or node has each.

Cluster-admin has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import ANY_NODE, CLUSTER_ADMIN, account, accounts, machine, pod, pods, secret, secrets
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for what in (accounts, pods, secrets):
        yield CLUSTER_ADMIN, what(EVERYWHERE), ""
    yield CLUSTER_ADMIN, ANY_NODE, ""
    for namespace in world.sorted_namespaces:
        for what in (accounts, pods, secrets):
            yield what(EVERYWHERE), what(namespace), ""
        for name in sorted(world.accounts.get(namespace, ())):
            yield accounts(namespace), account(namespace, name), ""
    for runner in world.runners:
        yield pods(runner.namespace), pod(runner.namespace, runner.name), ""
    for namespace, name in sorted(world.secrets):
        yield secrets(namespace), secret(namespace, name), ""
    for node in sorted(world.nodes):
        yield ANY_NODE, machine(node), ""


TECHNIQUE = Fact(
    id="ANY_OF_ALL",
    title="is one of them",
    needs="every account, pod or secret of a namespace or of all, or every node",
    edges=_edges,
    effect="each one of them",
    cost=0,
    request="",
    reference="",
)
