"""The graph holds exactly what the engine holds, whatever the policy."""

from __future__ import annotations

import random as random_module
from collections import defaultdict
from itertools import product

import msgspec
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.holder import Principal
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.graph.bindings import bindings_graph
from rbaclens.graph.kinds import EDGE_KINDS, NODE_KINDS
from rbaclens.graph.model import Graph
from rbaclens.graph.permission import Permission
from rbaclens.graph.view import LEVELS, View
from rbaclens.graph.who_can_what import who_can_what
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.identity import implied_groups
from rbaclens.model.pattern import Pattern
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request

BOTH = AuthorizerConfig((AuthorizerEntry("ABAC", "abac"), AuthorizerEntry("RBAC", "rbac")))
configs = st.sampled_from(
    [BOTH, AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),)), AuthorizerConfig((AuthorizerEntry("ABAC", "abac"),))]
)
TARGETS = [(entry, "") for entry in strategies.RESOURCES if entry] + [("pods", "log"), ("fresh", "log"), ("deployments", "scale")]
REQUESTS = [
    Request(verb, resource, group, subresource, namespace, name)
    for verb, group, (resource, subresource), namespace, name in product(
        [*strategies.VERBS, "fresh"], ["", "apps", "fresh"], TARGETS, ["", "a", "b", "fresh"], [*strategies.NAMES, "fresh"]
    )
]
PATHS = [Request(verb, path=path) for verb, path in product([*strategies.VERBS, "fresh"], [*filter(None, strategies.PATHS), "/fresh"])]


def permission_of(node) -> Permission:
    """The permission that a node says it is, by its attributes alone."""
    given = node.attributes
    names = tuple(given["names"].split(", ")) if "names" in given else ()
    return Permission(given.get("api_group", ""), given.get("resource", ""), names, given.get("path", ""), "with_subresources" in given)


def ways(graph: Graph):
    """For every principal the (verbs, scope, permission) that its edges lead to."""
    found = defaultdict(list)
    for edge in graph.edges:
        if edge.kind == "may":
            node = graph.node(edge.target)
            verbs = tuple(edge.attributes["verbs"].split(", "))
            found[edge.source].append((verbs, node.attributes["scope"], permission_of(node)))
    return found


@given(strategies.policies(), configs, strategies.identities, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_an_edge_if_and_only_if_allowed(policy, config, identity, random):
    """The reference allows a request exactly when the user, or one of their groups, has an edge to what allows it."""
    user, given_groups = identity
    groups = implied_groups(user, given_groups)
    graph = who_can_what(Engine(policy, config), View(level="rule", identities={user: given_groups}))
    held = ways(graph)
    mine = [one for source in (str(Principal.of_user(user)), *(f"group:{group}" for group in groups)) for one in held[source]]
    for request in (*random.sample(REQUESTS, 60), *random.sample(PATHS, 15)):
        asked = msgspec.structs.replace(request, user=user, groups=groups)
        assert any(what.allows(verbs, scope, asked) for verbs, scope, what in mine) == reference(policy, config, asked).allowed, asked


@given(strategies.policies(), strategies.identities)
@settings(max_examples=60, deadline=None)
def test_members_lead_to_their_groups(policy, identity):
    """Somebody known to be in a group that holds something has an edge to it, and to no other group."""
    user, groups = identity
    graph = who_can_what(Engine(policy, BOTH), View(level="rule", identities={user: groups}))
    holding = {edge.source for edge in graph.edges if edge.kind == "may"}
    mine = {edge.target for edge in graph.edges if edge.kind == "member-of" and edge.source == str(Principal.of_user(user))}
    assert mine == {f"group:{group}" for group in implied_groups(user, groups)} & holding


@given(strategies.policies(), st.sampled_from(["get", "create", "*", None]), st.sampled_from(["pods", "secrets", None]))
@settings(max_examples=100, deadline=None)
def test_a_filter_keeps_exactly_what_touches(policy, verb, resource):
    """With --verb and --resource exactly those edges stay that allow some such request; nothing else changes."""
    engine = Engine(policy, BOTH)
    pattern = Pattern(verb, resource, "" if resource else None, None if resource is None else "", None, None)
    kept = ways(who_can_what(engine, View(level="rule", pattern=pattern)))
    for source, edges in ways(who_can_what(engine, View(level="rule"))).items():
        for verbs, scope, what in edges:
            is_touched = what.touches(verbs, pattern) or (
                resource is None and bool(what.path) and bool({verb, "*"} & set(verbs) or verb is None)
            )
            there = [found for found, found_scope, other in kept[source] if other == what and found_scope == scope]
            assert bool(there) == is_touched, (source, what, verbs)
            assert all(set(found) <= {verb, "*"} or verb is None for found in there)


@given(strategies.policies(), st.sampled_from(["a", "b", "fresh"]))
@settings(max_examples=60, deadline=None)
def test_one_namespace(policy, namespace):
    """With --namespace exactly what counts there stays: what is held there, and what is held everywhere."""
    engine = Engine(policy, BOTH)
    kept, everything = ways(who_can_what(engine, View(level="rule", namespace=namespace))), ways(who_can_what(engine, View(level="rule")))
    for source, edges in everything.items():
        assert kept[source] == [one for one in edges if one[1] in ("*", namespace)]


@given(strategies.policies())
@settings(max_examples=80, deadline=None)
def test_levels_agree(policy):
    """The three levels say the same: as many permissions in each scope, the same holders, the same verbs."""
    engine = Engine(policy, BOTH)
    graphs = {level: who_can_what(engine, View(level=level)) for level in LEVELS}
    counted = defaultdict(int)
    for source, edges in ways(graphs["rule"]).items():
        for _, scope, _ in edges:
            counted[source, scope] += 1
    told = {(e.source, graphs["namespace"].node(e.target).attributes["scope"]): e for e in graphs["namespace"].edges if e.kind == "may"}
    assert {key: edge.attributes["permissions"] for key, edge in told.items()} == counted
    verbs = {level: defaultdict(set) for level in LEVELS}
    for level, graph in graphs.items():
        for edge in graph.edges:
            if edge.kind == "may":
                verbs[level][edge.source] |= set(edge.attributes["verbs"].split(", "))
    starless = [{source: found if "*" not in found else {"*"} for source, found in one.items()} for one in verbs.values()]
    assert starless[0] == starless[1] == starless[2]


@given(strategies.policies(), st.sampled_from(LEVELS), st.integers())
@settings(max_examples=60, deadline=None)
def test_the_same_policy_gives_the_same_graph(policy, level, seed):
    """However the objects are ordered, nodes, edges and attributes come out the same."""
    shuffled = random_module.Random(seed)  # noqa: S311
    roles, bindings = list(policy.roles), list(policy.bindings)
    shuffled.shuffle(roles)
    shuffled.shuffle(bindings)
    other = PolicySet(tuple(roles), tuple(bindings), abac=policy.abac)
    for build in (who_can_what, bindings_graph):
        one, two = (build(Engine(each, BOTH), View(level=level)) for each in (policy, other))
        assert one.nodes == two.nodes
        assert one.edges == two.edges


@given(strategies.policies(), st.sampled_from(LEVELS))
@settings(max_examples=60, deadline=None)
def test_only_declared_kinds_and_attributes(policy, level):
    """Every node and edge is of a declared kind, has only declared attributes, and edges join nodes that are there."""
    for build in (who_can_what, bindings_graph):
        graph = build(Engine(policy, BOTH), View(level=level))
        ids = {node.id for node in graph.nodes}
        assert len(ids) == len(graph.nodes)
        for node in graph.nodes:
            assert node.attributes.keys() <= NODE_KINDS[node.kind].attributes.keys(), node
        for edge in graph.edges:
            assert edge.attributes.keys() <= EDGE_KINDS[edge.kind].attributes.keys(), edge
            assert {edge.source, edge.target} <= ids
