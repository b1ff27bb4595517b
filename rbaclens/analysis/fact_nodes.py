"""What the node authorizer might allow of a permission fact's clause: what every node may, and what hangs on its objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from rbaclens.analysis.fact_requests import region_of
from rbaclens.analysis.fact_world import Region, World
from rbaclens.authorizers.node import LEASE_NAMESPACE, SPECIAL_RESOURCES, NodeAuthorizer
from rbaclens.authorizers.node_holders import VERBS
from rbaclens.authorizers.node_rules import STATIC_RULES
from rbaclens.model.identity import NODE_PREFIX
from rbaclens.model.permission_facts import Clause, glob_matches
from rbaclens.model.request import FieldRequirement, Request

_BY_SELECTOR = ("pods", "resourceslices")


def node_requests(
    authorizer: NodeAuthorizer, clause: Clause, region: Region, world: World, users: Collection[str] | None
) -> Iterator[Request]:
    """Requests of nodes (their user name is set) that the clause says and the authorizer might allow.

    ``users`` are those to ask for; without them a node of which nothing is known stands for all, beside those that the
    clause or an object names.
    """
    if clause.path:
        return
    named = [name for pattern in clause.names for name in world.names_of(pattern)]
    nodes = [user.removeprefix(NODE_PREFIX) for user in users] if users is not None else [world.fresh.node, *named]
    for group, resource, subresource in _targets(clause):
        kind = resource.removesuffix("s")
        for verb in VERBS if clause.verb is None else (clause.verb,):
            base = Request(verb, resource, group, subresource)
            for node in nodes:
                for namespace, name in _spots(clause, region, world, (*named, "", node)):
                    yield _asked(base, node, namespace, name)
                    if resource in _BY_SELECTOR:
                        own = FieldRequirement("spec.nodeName", "=", node)
                        yield msgspec.structs.replace(_asked(base, node, namespace, name), field_selector=(own,))
            for namespace, name in authorizer.graph.objects(kind):
                if region_of(clause, region).contains(namespace) and _named(clause, name):
                    for node in sorted(authorizer.graph.nodes_reaching(kind, namespace, name)):
                        if users is None or node in nodes:
                            yield _asked(base, node, namespace, name)


def _asked(base: Request, node: str, namespace: str, name: str) -> Request:
    return msgspec.structs.replace(base, user=NODE_PREFIX + node, namespace=namespace, name=name)


def _targets(clause: Clause) -> Iterator[tuple[str, str, str]]:
    entries = {(group, entry) for _, rule in STATIC_RULES for group in rule.api_groups for entry in rule.resources}
    known = {(group, *_split(entry)) for group, entry in entries | set(SPECIAL_RESOURCES)}
    if clause.resource is not None and clause.api_group is not None and clause.subresource is not None:
        known = {(clause.api_group, clause.resource, clause.subresource)}
    for group, resource, subresource in sorted(known):
        wanted = ((clause.api_group, group), (clause.resource, resource), (clause.subresource, subresource))
        if all(asked in (None, has) for asked, has in wanted) and (subresource or not clause.only_subresources):
            yield group, resource, subresource


def _split(entry: str) -> tuple[str, str]:
    resource, _, subresource = entry.partition("/")
    return resource, subresource


def _spots(clause: Clause, region: Region, world: World, names: Collection[str]) -> Iterator[tuple[str, str]]:
    where = region_of(clause, region)
    for namespace in dict.fromkeys((where.sample, LEASE_NAMESPACE, "")):
        if where.contains(namespace):
            yield from ((namespace, name) for name in dict.fromkeys(names) if _named(clause, name))


def _named(clause: Clause, name: str) -> bool:
    return not clause.names or any(glob_matches(pattern, name) for pattern in clause.names)
