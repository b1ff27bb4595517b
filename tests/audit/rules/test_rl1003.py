"""RL1003: everything in one namespace."""

import pytest
from audit_rules import account, binding, found, given, grant, rule, user


def test_cluster_admin_in_a_namespace():
    """A RoleBinding to cluster-admin gives everything in its namespace."""
    (one,) = found("RL1003", binding("owner", user("mallory"), role="cluster-admin", namespace="shop"))
    assert (one.severity.title, one.scopes) == ("High", ("shop",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("*", "*", "*"),
        grant("*", "*", namespace="shop"),
        grant("*", "*/*", "*", namespace="shop"),
        grant("get list watch create update patch delete", "*", "*", namespace="shop"),
        grant("*", "*", "*", names="one", namespace="shop"),
        given(rule("*", "pods", "*"), rule("get", "*", "*"), namespace="shop"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """The whole cluster (RL1001), one API group, listed verbs, one name, and stars spread over several rules."""
    assert found("RL1003", objects) == ()


def test_privilege_spreads():
    """An account that owns kube-system makes its own namespace privileged."""
    owner = grant("*", "*", "*", namespace="kube-system", to=account("ci", "ci"), name="a")
    found_there = found("RL1003", owner, grant("*", "*", "*", namespace="ci", name="b"))
    assert [one.severity.title for one in found_there] == ["Critical", "Critical"]
