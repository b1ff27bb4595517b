"""RL3309: a role of the API server that was edited."""

import pytest
from audit_rules import found, role, rule, urls

REVIEWS = rule("create", "selfsubjectaccessreviews selfsubjectrulesreviews", "authorization.k8s.io")
SELF = rule("create", "selfsubjectreviews", "authentication.k8s.io")
SELECTOR = {"clusterRoleSelectors": [{"matchLabels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}]}


@pytest.mark.parametrize(
    ("rules", "how"),
    [
        ([REVIEWS, SELF, rule("get", "secrets")], "grants more than"),
        ([REVIEWS], "grants less than"),
        ([REVIEWS, urls("get", "/logs")], "grants more in places and less in others than"),
    ],
)
def test_the_difference_is_told(rules, how):
    """The message says which way the role differs."""
    (one,) = found("RL3309", role("system:basic-user", *rules))
    assert how in one.message
    assert one.patch is not None


def test_the_same_rules_in_another_order():
    """Order does not matter."""
    assert found("RL3309", role("system:basic-user", SELF, REVIEWS)) == ()


def test_aggregated_roles():
    """What view gathers may grow; its selectors may not."""
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    assert found("RL3309", role("view", aggregationRule=SELECTOR), role("more", rule("get", "widgets", "example.com"), labels=label)) == ()
    assert len(found("RL3309", role("view", aggregationRule={"clusterRoleSelectors": [{}]}))) == 1
    assert len(found("RL3309", role("view", rule("get", "secrets")))) == 1


def test_other_names_and_versions():
    """Own roles, a Role of the same name, and servers whose policy is not known."""
    assert found("RL3309", role("mine", rule("get", "pods")), role("view", rule("get", "pods"), namespace="shop")) == ()
    assert found("RL3309", role("system:basic-user", rule("get", "pods")), version=(1, 35)) == ()
