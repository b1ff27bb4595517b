"""Impersonation: which checks are asked, and who one is then (ESC-40 to ESC-47)."""

from __future__ import annotations

import pytest

from rbaclens.analysis.impersonation import (
    Target,
    constrained_checks,
    decide_impersonation,
    impersonated,
    impersonated_groups,
    legacy_checks,
)
from rbaclens.index.engine import Engine
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

LIST_PODS = Request("list", "pods")
BOB = Request("", user="bob")


def engine(*rules, namespace=""):
    """Bob holds ``rules``, cluster-wide or in a namespace."""
    role = Role("ClusterRole", "", "r", tuple(rules), Origin("x"))
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    binding = Binding(kind, namespace, "b", (Subject("User", "bob"),), RoleRef("ClusterRole", "r"), Origin("x"))
    return Engine(PolicySet((role,), (binding,)))


def rule(verb, resource, group="", names=()):
    """One verb on one resource."""
    return PolicyRule((verb,), (group,), (resource,), names)


USERS = rule("impersonate", "users")
GROUPS = rule("impersonate", "groups")
ACCOUNTS = rule("impersonate", "serviceaccounts")


@pytest.mark.parametrize(
    ("rules", "target", "allowed"),
    [
        ([USERS], Target("alice"), True),
        ([USERS], Target("alice", ("g",)), False),
        ([USERS, GROUPS], Target("alice", ("g",)), True),
        ([USERS], Target("system:anonymous"), True),
        ([USERS], Target("system:serviceaccount:ns1:sa"), False),
        ([ACCOUNTS], Target("system:serviceaccount:ns1:sa"), True),
        ([ACCOUNTS], Target("tester"), False),
        ([USERS, rule("impersonate", "uids", "authentication.k8s.io", ("some-uid",))], Target("tester", uid="some-uid"), True),
        ([USERS, rule("impersonate", "uids", "authentication.k8s.io", ("some-uid",))], Target("tester", uid="other"), False),
        ([USERS, rule("impersonate", "groups", "", ("a",))], Target("x", ("a", "b")), False),
    ],
)
def test_legacy_mode(rules, target, allowed):
    """Table ESC-F: each value is asked for by itself, service accounts as service accounts (ESC-41)."""
    assert decide_impersonation(engine(*rules), BOB, target, LIST_PODS).allowed is allowed


def test_service_accounts_by_namespace():
    """ESC-44: a RoleBinding limits impersonation of service accounts to its namespace."""
    here = engine(ACCOUNTS, namespace="ns1")
    assert decide_impersonation(here, BOB, Target("system:serviceaccount:ns1:sa"), LIST_PODS).allowed
    assert not decide_impersonation(here, BOB, Target("system:serviceaccount:ns2:sa"), LIST_PODS).allowed


INFO = rule("impersonate:user-info", "users", "authentication.k8s.io")
NODE = rule("impersonate:arbitrary-node", "nodes", "authentication.k8s.io")


@pytest.mark.parametrize(
    ("rules", "request_", "target", "allowed"),
    [
        ([INFO], LIST_PODS, Target("alice"), False),
        ([INFO, rule("impersonate-on:user-info:list", "pods")], LIST_PODS, Target("alice"), True),
        ([INFO, rule("impersonate-on:user-info:list", "pods")], Request("watch", "pods"), Target("alice"), False),
        ([rule("impersonate-on:user-info:list", "pods")], LIST_PODS, Target("alice"), False),
        ([INFO, rule("impersonate-on:user-info:list", "pods")], LIST_PODS, Target("system:node:n1"), False),
        ([NODE, rule("impersonate-on:arbitrary-node:list", "pods")], LIST_PODS, Target("system:node:n1"), True),
        ([INFO, rule("impersonate-on:user-info:list", "pods")], LIST_PODS, Target("alice", ("system:masters",)), False),
        ([rule("impersonate:user-info", "users")], LIST_PODS, Target("alice"), False),
    ],
)
def test_constrained_modes(rules, request_, target, allowed):
    """Table ESC-G: both halves are needed, in the group authentication.k8s.io, and never for system:masters (ESC-47c, ESC-47e)."""
    assert decide_impersonation(engine(*rules), BOB, target, request_).allowed is allowed


@pytest.mark.parametrize(
    ("target", "groups"),
    [
        (Target("alice"), ("system:authenticated",)),
        (Target("alice", ("g",)), ("g", "system:authenticated")),
        (Target("alice", ("system:unauthenticated",)), ("system:unauthenticated",)),
        (Target("system:anonymous"), ("system:unauthenticated",)),
        (Target("system:serviceaccount:a:b"), ("system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated")),
        (Target("system:serviceaccount:a:b", ("g",)), ("g", "system:authenticated")),
    ],
)
def test_resulting_groups(target, groups):
    """ESC-43: nothing of the requester is inherited."""
    assert impersonated_groups(target) == groups
    assert impersonated(LIST_PODS, target).groups == groups


def test_an_impersonated_node_is_a_node():
    """ESC-47g: the group of the nodes is added."""
    assert impersonated(LIST_PODS, Target("system:node:n1")).groups == ("system:nodes", "system:authenticated")


def test_what_is_asked():
    """The legacy checks and the constrained ones, in the server's order."""
    target = Target("alice", ("g",), "u")
    assert [(c.verb, c.resource, c.name) for c in legacy_checks(target)] == [
        ("impersonate", "users", "alice"),
        ("impersonate", "uids", "u"),
        ("impersonate", "groups", "g"),
    ]
    assert [c.verb for c in constrained_checks(target, LIST_PODS)] == ["impersonate-on:user-info:list", *["impersonate:user-info"] * 3]
