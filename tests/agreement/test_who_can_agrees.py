"""who-can lists somebody if and only if the reference allows them, over all atoms of the policy and a fresh one of each."""

from __future__ import annotations

import itertools

import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.index.engine import Engine
from rbaclens.index.who_can import EVERYWHERE, who_can
from rbaclens.model.identity import service_account_user
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request

PEOPLE = [user for user in strategies.USERS if user] + ["fresh"]
TEAMS = [*strategies.GROUPS, "fresh"]


def holds(holder, user, groups):
    """Whether a listed holder is this user or one of these groups."""
    if holder.kind == "Group":
        return holder.name in groups
    name = service_account_user(*holder.name.split("/")) if holder.kind == "ServiceAccount" else holder.name
    return name == user and (not holder.only_in or holder.only_in in groups)


def listed(found, user, groups, namespace):
    """Whether who-can says that somebody may, in ``namespace``."""
    return any(holds(h, user, groups) and h.scope in (EVERYWHERE, namespace) for h in found.holders)


@settings(max_examples=60)
@given(strategies.policies(), strategies.requests())
def test_a_concrete_question(policy, request):
    """For one verb, resource, namespace and name: every user and every group is listed exactly if the reference allows."""
    engine = Engine(policy)
    found = who_can(engine, Pattern.of(request))
    for user, groups in [(user, ()) for user in PEOPLE] + [("nobody", (group,)) for group in TEAMS] + [("bob", ("devs",))]:
        asked = Request(
            request.verb,
            request.resource,
            request.api_group,
            request.subresource,
            request.namespace,
            request.name,
            request.path,
            user,
            groups,
        )
        assert listed(found, user, groups, request.namespace) == reference(policy, engine.config, asked).allowed


@settings(max_examples=25)
@given(strategies.policies(max_bindings=4), st.sampled_from(strategies.VERBS), st.sampled_from(["pods", "pods/log", "secrets"]))
def test_all_namespaces(policy, verb, target):
    """With the namespace open, the scopes listed are those in which the reference allows, no more and no fewer."""
    resource, _, subresource = target.partition("/")
    engine = Engine(policy)
    found = who_can(engine, Pattern(verb, resource, "", subresource, namespace=None))
    for user, namespace in itertools.product(PEOPLE, ["", "a", "b", "fresh"]):
        asked = Request(verb, resource, "", subresource, namespace, user=user)
        assert listed(found, user, (), namespace) == reference(policy, engine.config, asked).allowed


@settings(max_examples=25)
@given(strategies.policies(max_bindings=4), st.sampled_from(["verb", "resource", "name"]))
def test_open_places(policy, opened):
    """With a place left open, somebody is listed exactly if the reference allows some value there (atoms and a fresh one)."""
    engine = Engine(policy)
    fields = {"verb": "get", "resource": "pods", "api_group": "", "subresource": "", "namespace": "a", "name": ""}
    pattern = Pattern(**{**fields, opened: None, **({"subresource": None} if opened == "resource" else {})})
    found = who_can(engine, pattern)
    values = {"verb": [*strategies.VERBS, "fresh"], "resource": [*strategies.RESOURCES, "fresh"], "name": [*strategies.NAMES, "fresh"]}[
        opened
    ]
    for user in PEOPLE:
        allowed = False
        for value in [*values, "fresh"]:
            asked = Request(**{**fields, opened: value}, user=user)
            allowed = allowed or reference(policy, engine.config, asked).allowed
        assert listed(found, user, (), "a") == allowed


@given(strategies.policies(), st.sampled_from(["get", "create", "*"]), st.sampled_from([*strategies.PATHS, "/other"]))
def test_paths(policy, verb, path):
    """Non-resource paths: cluster-wide bindings and ABAC lines only."""
    engine = Engine(policy)
    found = who_can(engine, Pattern(verb, path=path))
    for user in PEOPLE:
        assert listed(found, user, (), "") == reference(policy, engine.config, Request(verb, path=path, user=user)).allowed
