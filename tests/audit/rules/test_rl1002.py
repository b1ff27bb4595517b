"""RL1002: a binding to cluster-admin, or to a role that says the same."""

import pytest
from audit_rules import account, binding, found, given, group, judged, policy_of, rule, urls, user


@pytest.mark.parametrize("subject", [user("mallory"), account("ci", "ci"), group("devs")])
def test_a_binding_to_cluster_admin(subject):
    """Whoever is bound to cluster-admin, beside those whom the API server itself binds."""
    (one,) = found("RL1002", binding("admins", subject, role="cluster-admin"))
    assert (one.severity.title, one.scopes) == ("Critical", ("*",))


@pytest.mark.parametrize("path", ["*", "/*"])
def test_a_role_that_says_the_same(path):
    """Another name for the same content."""
    assert found("RL1002", given(rule("*", "*", "*"), urls("*", path)))


@pytest.mark.parametrize(
    "objects",
    [
        given(rule("*", "*", "*")),
        given(rule("*", "*", "*"), urls("get", "*")),
        given(rule("*", "*", "*"), urls("*", "/metrics/*")),
        given(rule("*", "*"), urls("*", "*")),
        given(rule("*", "*/*", "*"), urls("*", "*")),
        given(urls("*", "*")),
        [binding("owner", user("mallory"), role="cluster-admin", namespace="shop")],
        [binding("other", user("mallory"), role="cluster-admins")],
        [binding("masters", group("system:masters"), role="cluster-admin")],
        [binding("kubeadm:cluster-admins", group("kubeadm:cluster-admins"), role="cluster-admin")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Resources alone (RL1001), some URLs, one API group, one namespace (RL1003), a role of a similar name, and the expected groups."""
    assert found("RL1002", objects) == ()


def test_kubeadm_binds_its_group_since_1_29():
    """Before, the administrators of kubeadm were in system:masters, and nobody has a reason to bind that group."""
    objects = binding("kubeadm:cluster-admins", group("kubeadm:cluster-admins"), role="cluster-admin")
    assert judged(policy_of(objects)) == ()
    assert found("RL1002", objects, version=(1, 28))


def test_a_user_named_like_the_expected_group():
    """The exception is for the group."""
    assert found("RL1002", binding("b", user("kubeadm:cluster-admins"), role="cluster-admin"))
