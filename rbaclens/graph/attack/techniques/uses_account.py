"""USES_ACCOUNT: code in a pod acts as its service account, whose token is a file there.

Where the input has no pod at all, nobody can tell what runs: then every account that is there is taken to have one, but for those of the
control plane's own controllers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import account, pod, pods
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for runner in world.runners:
        if world.has_token(runner):
            yield pod(runner.namespace, runner.name), account(*runner.account), ""
    if not world.runners:
        for one in sorted(world.named_accounts - world.standard_accounts - world.missing_accounts):
            yield pods(one[0]), account(*one), ""


TECHNIQUE = Fact(
    id="USES_ACCOUNT",
    title="runs as the account",
    needs="code in a pod with a token",
    edges=_edges,
    effect="the pod's service account",
    cost=0,
    request="cat /var/run/secrets/kubernetes.io/serviceaccount/token",
    reference="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
    mitigations="automountServiceAccountToken: false, in the pod or its account",
)
