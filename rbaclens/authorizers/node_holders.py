"""Which nodes may do what a pattern says: asked of the authorizer, node by node and object by object."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rbaclens.authorizers.node import LEASE_NAMESPACE, SPECIAL_RESOURCES, NodeAuthorizer
from rbaclens.authorizers.node_rules import STATIC_RULES
from rbaclens.model.decision import NodeGrant
from rbaclens.model.identity import AUTHENTICATED, NODE_PREFIX, NODES
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")


class NodeHolder(NamedTuple):
    """A node that may, on which object (empty name: on any), and why."""

    node: str
    namespace: str
    name: str
    grant: NodeGrant


def node_holders(authorizer: NodeAuthorizer, pattern: Pattern, nodes: Iterable[str]) -> Iterator[NodeHolder]:
    """Every node that may do what ``pattern`` says; ``nodes`` are known besides those that the graph names.

    An open verb, resource or object stands for those that the authorizer knows of: the eight standard verbs, the
    resources of its rules, the objects of its graph.
    """
    if not pattern.is_resource:
        return
    known = sorted({*nodes, *authorizer.graph.nodes()})
    for verb in VERBS if pattern.verb is None else (pattern.verb,):
        for group, resource, subresource in _targets(pattern):
            seen: set[tuple[str, str, str]] = set()
            for node, namespace, name in _candidates(authorizer, pattern, resource, known):
                request = Request(verb, resource, group, subresource, namespace, name, None, NODE_PREFIX + node, (NODES, AUTHENTICATED))
                grant = authorizer.authorize(request).evidence
                broader = {(node, "", ""), (node, namespace, ""), (node, "", name), (node, namespace, name)}
                if isinstance(grant, NodeGrant) and seen.isdisjoint(broader):
                    seen.add((node, namespace, name))
                    yield NodeHolder(node, namespace, name, grant)


def _targets(pattern: Pattern) -> Iterator[tuple[str, str, str]]:
    """Group, resource and subresource of all that the pattern can mean to a node."""
    if None not in (pattern.api_group, pattern.resource, pattern.subresource):
        yield pattern.api_group or "", pattern.resource or "", pattern.subresource or ""
        return
    entries = {(group, entry) for _, rule in STATIC_RULES for group in rule.api_groups for entry in rule.resources}
    for group, entry in sorted(entries | set(SPECIAL_RESOURCES)):
        resource, _, subresource = entry.partition("/")
        wanted = ((pattern.api_group, group), (pattern.resource, resource), (pattern.subresource, subresource))
        if all(asked is None or asked == has for asked, has in wanted):
            yield group, resource, subresource


def _candidates(authorizer: NodeAuthorizer, pattern: Pattern, resource: str, nodes: list[str]) -> Iterator[tuple[str, str, str]]:
    """Node, namespace and name of the requests that could be allowed: one where nothing is open, else what the graph knows."""
    namespace, name = pattern.namespace, pattern.name
    if namespace is not None and name is not None:
        yield from ((node, namespace, name) for node in nodes)
        return
    kind = resource.removesuffix("s")
    objects = ((at, called, authorizer.graph.nodes_reaching(kind, at, called)) for at, called in authorizer.graph.objects(kind))
    spaces = ("", LEASE_NAMESPACE) if namespace is None else (namespace,)
    own = ((at, called, {node}) for node in nodes for at in spaces for called in (("", node) if name is None else (name,)))
    for at, called, reached in itertools.chain(own, objects):
        if namespace in (None, at) and name in (None, called):
            yield from ((node, at, called) for node in sorted(reached))
