"""RL3214: impersonation in the wrong scope or API group."""

import pytest
from audit_rules import binding, found, given, role, rule, user

AUTHENTICATION = "authentication.k8s.io"
NAMESPACED = given(rule("impersonate", "users groups serviceaccounts"), namespace="shop")


def test_users_and_groups_in_a_role():
    """Both are asked about at the cluster scope (ESC-43); service accounts in their namespace."""
    assert {one.message.split()[2] for one in found("RL3214", NAMESPACED)} == {"users", "groups"}


def test_users_through_a_rolebinding():
    """A RoleBinding to a ClusterRole grants no more than a Role; the ClusterRole itself is not wrong."""
    bound = binding("b", user("mallory"), role="r", namespace="shop")
    (one,) = found("RL3214", role("r", rule("impersonate", "users")), bound)
    assert (one.objects[0].kind, one.scopes) == ("RoleBinding", ("shop",))
    assert found("RL3214", role("r", rule("impersonate", "serviceaccounts")), bound) == ()


@pytest.mark.parametrize(
    ("verb", "name", "group"),
    [
        ("impersonate", "users", AUTHENTICATION),
        ("impersonate", "groups", AUTHENTICATION),
        ("impersonate", "uids", ""),
        ("impersonate", "userextras/scopes", ""),
        ("impersonate:user-info", "users", ""),
        ("impersonate:arbitrary-node", "nodes", ""),
    ],
)
def test_wrong_group(verb, name, group):
    """Each check has one API group; the constrained ones all the same (ESC-47c)."""
    (one,) = found("RL3214", given(rule(verb, name, group)))
    assert "API group" in one.message


@pytest.mark.parametrize(
    ("verb", "name", "group"),
    [
        ("impersonate", "users", ""),
        ("impersonate", "users", "*"),
        ("impersonate", "uids", AUTHENTICATION),
        ("impersonate:user-info", "users", AUTHENTICATION),
        ("impersonate impersonate:user-info", "groups", "*"),
        ("impersonate-on:user-info:get", "nodes", ""),
        ("get", "users", AUTHENTICATION),
        ("impersonate", "nodes", ""),
    ],
)
def test_right_group(verb, name, group):
    """The right group, and verbs that are no impersonation check."""
    assert found("RL3214", given(rule(verb, name, group))) == ()


def test_constrained_in_a_role():
    """impersonate:serviceaccount counts in a namespace, impersonate:user-info does not."""
    accounts = rule("impersonate:serviceaccount", "serviceaccounts", AUTHENTICATION)
    assert found("RL3214", given(accounts, namespace="shop")) == ()
    assert found("RL3214", given(rule("impersonate:user-info", "users", AUTHENTICATION), namespace="shop"))
