"""RL3215: impersonating groups, and nobody who could be in them."""

import pytest
from audit_rules import account, found, given, grant, group, rule


def test_groups_alone():
    """A request with groups and without a user is refused, so that this is a note."""
    (one,) = found("RL3215", grant("impersonate", "groups"))
    assert (one.score, str(one.principal)) == (0, "user:mallory")
    assert len(found("RL3215", grant("impersonate", "groups", names="devs"))) == 1


@pytest.mark.parametrize(
    "other",
    [
        grant("impersonate", "users", name="b"),
        grant("impersonate", "users", names="alice", name="b"),
        grant("impersonate", "serviceaccounts", name="b"),
        grant("impersonate", "serviceaccounts", name="b", namespace="shop"),
        grant("*", "*", "*", name="b"),
    ],
)
def test_with_somebody_to_be(other):
    """Users or service accounts, by name or in one namespace, complete it: then it is RL1210's."""
    assert found("RL3215", grant("impersonate", "groups", name="a"), other) == ()


def test_namespaces_of_others():
    """What another subject may do completes nothing."""
    accounts = grant("impersonate", "serviceaccounts", name="b", namespace="shop", to=account("other", "shop"))
    assert len(found("RL3215", grant("impersonate", "groups", name="a"), accounts)) == 1


@pytest.mark.parametrize(
    "objects",
    [
        grant("impersonate", "groups", namespace="shop"),
        grant("impersonate", "groups", "authentication.k8s.io"),
        grant("get", "groups"),
        grant("impersonate", "users"),
        given(rule("impersonate", "groups users"), to=group("proxies")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another scope, group, verb or resource."""
    assert found("RL3215", objects) == ()
