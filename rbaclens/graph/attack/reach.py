"""What a technique about pods or secrets reaches: all of the scope, or those of the name to which the grant is limited."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import ANY_NODE, SOME_NODE, machine, pod, pods, secret, secrets
from rbaclens.graph.attack.runners import DAEMON_SET, Runner
from rbaclens.graph.attack.technique import Case


def pods_of(case: Case) -> Iterator[str]:
    """Code in the pods."""
    if not case.name:
        yield pods(case.scope)
        return
    for runner in case.world.runners:
        if runner.name == case.name and runner.namespace in case.namespaces:
            yield pod(runner.namespace, runner.name)


def node_of(runner: Runner) -> str:
    """Root on the node where something runs."""
    if runner.node:
        return machine(runner.node)
    return ANY_NODE if runner.owner == DAEMON_SET else SOME_NODE


def secrets_of(case: Case) -> Iterator[str]:
    """What is in the secrets; of one name, where it is known or the namespace is told."""
    if not case.name:
        yield secrets(case.scope)
    elif not case.everywhere:
        yield secret(case.scope, case.name)
    else:
        yield from (secret(namespace, case.name) for namespace in case.namespaces if (namespace, case.name) in case.world.secrets)
