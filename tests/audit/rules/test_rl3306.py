"""RL3306: a dangerous role that view, edit or admin gathers."""

import pytest
from audit_rules import found, role, rule

LABEL = "rbac.authorization.k8s.io/aggregate-to-"
RBAC = "rbac.authorization.k8s.io"


def _found(target, one, value="true"):
    return found("RL3306", role("extra", one, labels={LABEL + target: value}))


@pytest.mark.parametrize(
    "one",
    [
        rule("get", "secrets"),
        rule("list", "*"),
        rule("create", "pods/exec"),
        rule("get", "pods/attach"),
        rule("get", "services/proxy"),
        rule("create", "serviceaccounts/token"),
        rule("impersonate", "serviceaccounts"),
        rule("create", "pods"),
        rule("patch", "deployments", "apps"),
        rule("patch", "rolebindings", RBAC),
        rule("escalate", "roles", RBAC),
        rule("delete", "secrets"),
    ],
)
def test_what_view_must_not_gather(one):
    """Whatever escalates is an error in view, as in upstream's own list."""
    (found_one,) = _found("view", one)
    assert found_one.severity.title == "High"


@pytest.mark.parametrize("target", ["edit", "admin"])
@pytest.mark.parametrize(
    "one",
    [
        rule("bind", "clusterroles", RBAC),
        rule("impersonate", "groups"),
        rule("get", "nodes/proxy"),
        rule("*", "*", "*"),
        rule("create", "*"),
    ],
)
def test_what_none_must_gather(target, one):
    """What is beyond edit and admin is a warning in them."""
    assert [each.severity.title for each in _found(target, one)] == ["Low"]


@pytest.mark.parametrize(
    ("target", "one"),
    [
        ("view", rule("get list watch", "widgets", "example.com")),
        ("view", rule("get", "secrets", "example.com")),
        ("view", rule("get", "pods/log")),
        ("view", rule("update", "nodes/proxy")),
        ("edit", rule("get", "secrets")),
        ("edit", rule("*", "widgets", "example.com")),
        ("admin", rule("create", "rolebindings", RBAC)),
    ],
)
def test_what_they_may_gather(target, one):
    """Own resources, and what the built-in role has anyway."""
    assert _found(target, one) == ()


def test_the_lowest_target_is_told():
    """What view gathers comes to edit and admin anyway: one finding."""
    (one,) = found("RL3306", role("extra", rule("get", "secrets"), labels={LABEL + "view": "true", LABEL + "admin": "true"}))
    assert "has view" in one.message


def test_other_labels():
    """Only the value true is selected; a Role is never gathered; without the label nothing is."""
    assert _found("view", rule("get", "secrets"), "yes") == ()
    assert found("RL3306", role("extra", rule("get", "secrets"), labels={LABEL + "view": "true"}, namespace="shop")) == ()
    assert found("RL3306", role("extra", rule("get", "secrets"))) == ()
