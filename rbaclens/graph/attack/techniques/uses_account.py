"""USES_ACCOUNT: code in a pod acts as its service account."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import account, pod
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for runner in world.runners:
        if world.has_token(runner):
            yield pod(runner.namespace, runner.name), account(*runner.account), ""


TECHNIQUE = Fact(
    id="USES_ACCOUNT",
    title="runs as the account",
    edges=_edges,
    cost=0,
    request="cat /var/run/secrets/kubernetes.io/serviceaccount/token",
    reference="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
)
