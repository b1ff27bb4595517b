"""Words of a person for where attackers start and what they are after."""

from __future__ import annotations

from collections.abc import Callable

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.errors import UnknownNameError
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.footholds import ANY_NODE, CLUSTER_ADMIN, is_somebody, machine, secrets
from rbaclens.graph.attack.hops import HopGraph
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import ANONYMOUS, UNAUTHENTICATED

ANONYMOUS_NODES = (f"user:{ANONYMOUS}", f"group:{UNAUTHENTICATED}")
PRIVILEGED = ("kube-system",)


def any_pod(world: World) -> tuple[str, ...]:
    """Every pod outside kube-system; where the input has no pods, every service account that some pod could run as."""
    pods = [f"pod:{runner.namespace}/{runner.name}" for runner in world.runners if runner.namespace not in PRIVILEGED]
    if pods:
        return tuple(sorted(pods))
    accounts = world.accounts.items()
    return tuple(sorted(f"sa:{namespace}/{name}" for namespace, names in accounts if namespace not in PRIVILEGED for name in names))


def low_trust(world: World) -> tuple[str, ...]:
    """Whoever an attacker may well be: anybody from outside, and any pod."""
    return (*ANONYMOUS_NODES, *any_pod(world))


def everybody(builder: AttackBuilder) -> tuple[str, ...]:
    """Every user, group and service account to whom somebody gave something, beyond what every cluster gives."""
    found = []
    missing = {f"sa:{namespace}/{name}" for namespace, name in builder.world.missing_accounts}
    for node, actor in builder.actors.items():
        if not is_somebody(node) or node in missing:
            continue
        own = actor.own
        held = (*own.held, *(one for some in own.local_held.values() for one in some))
        if any(one.mask & ~one.base for one in held):
            found.append(node)
    return tuple(sorted(found))


def goals(word: str, graph: HopGraph, subject_node: Callable[[str], str]) -> tuple[str, ...]:
    """The nodes that ``--to`` means; ``subject_node`` gives the id that a word has as a subject. Raises UnknownNameError."""
    if word == "cluster-admin":
        return (CLUSTER_ADMIN,)
    if word == "secrets":
        return (secrets(EVERYWHERE),)
    if word.startswith("secrets:") and word in graph.number:
        return (word,)
    if word == "node":
        return (ANY_NODE, *(one for one in graph.ids if one.startswith("machine:")))
    if word.startswith("node:") and machine(word.removeprefix("node:")) in graph.number:
        return (machine(word.removeprefix("node:")),)
    subject = subject_node(word)
    if subject in graph.number:
        return (subject,)
    raise UnknownNameError(f'nothing leads to "{word}"', "give cluster-admin, secrets, secrets:NAMESPACE, node, node:NAME or a subject")
