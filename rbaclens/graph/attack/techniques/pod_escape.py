"""POD_ESCAPE: a container that shares enough with its node is a way onto it.

Privileged containers, Windows host processes, capabilities that reach the kernel or its processes, and files of the node with keys,
sockets or programs in them. What a driver of a volume does as root is not in the input.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import pod
from rbaclens.graph.attack.reach import node_of
from rbaclens.graph.attack.runners import escapes
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for runner in world.runners:
        reason, closed = escapes(runner, world.claims)
        if reason:
            yield pod(runner.namespace, runner.name), node_of(runner), closed


TECHNIQUE = Fact(
    id="POD_ESCAPE",
    title="becomes root on the node",
    needs="code in a pod that is privileged, has SYS_ADMIN, SYS_MODULE, DAC_READ_SEARCH or (with hostPID) SYS_PTRACE, or mounts such files",
    edges=_edges,
    effect="root on the node of the pod",
    cost=2,
    request="nsenter -t 1 -a  # or: chroot /host",
    reference="https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    mitigations="hostUsers: false, but for files of the node",
)
