"""MOUNTS_SECRET: a secret that a pod uses lies open to the code in it, as a file, a variable or a pull secret."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import pod, secret
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for runner in world.runners:
        for name in dict.fromkeys(runner.secrets()):
            yield pod(runner.namespace, runner.name), secret(runner.namespace, name), ""


TECHNIQUE = Fact(
    id="MOUNTS_SECRET",
    title="reads what is mounted",
    needs="code in a pod that uses the secret",
    edges=_edges,
    effect="the secret",
    cost=0,
    request="env; find / -xdev -name '..data' 2>/dev/null",
    reference="https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets",
)
