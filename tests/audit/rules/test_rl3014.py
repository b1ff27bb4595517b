"""RL3014: a binding to a role that is not there, and that somebody may create."""

import pytest
from audit_rules import RBAC, binding, found, grant, role, rule, user

LOCAL = binding("b", user("u"), role="later", kind="Role", namespace="shop")
CLUSTER = binding("b", user("u"), role="later", namespace="shop")


@pytest.mark.parametrize(
    ("bound", "maker"),
    [
        (LOCAL, grant("create", "roles", RBAC, namespace="shop")),
        (LOCAL, grant("*", "*", "*")),
        (CLUSTER, grant("create", "clusterroles", RBAC)),
    ],
)
def test_whoever_may_create_the_role_is_named(bound, maker):
    """A Role in its namespace, a ClusterRole in the cluster."""
    (one,) = found("RL3014", bound, maker)
    assert "user:mallory may create it" in one.message
    assert one.evidence[0].binding.name == "tried"


@pytest.mark.parametrize(
    ("bound", "maker"),
    [
        (LOCAL, grant("update patch", "roles", RBAC, namespace="shop")),
        (LOCAL, grant("create", "roles", namespace="shop")),
        (LOCAL, grant("create", "roles", RBAC, names="later", namespace="shop")),
        (LOCAL, grant("create", "roles", RBAC, namespace="web")),
        (LOCAL, grant("create", "clusterroles", RBAC)),
        (CLUSTER, grant("create", "clusterroles", RBAC, namespace="shop")),
        (CLUSTER, grant("create", "roles", RBAC)),
        (LOCAL, []),
        (binding("b", role="later", kind="Role", namespace="shop"), grant("create", "roles", RBAC)),
    ],
)
def test_one_attribute_away_is_clean(bound, maker):
    """Another verb, group, place or kind of role, names; nobody at all, and a binding of nobody."""
    assert found("RL3014", bound, maker) == ()


def test_a_role_that_is_there_is_clean():
    """Who may create others cannot create it again."""
    assert found("RL3014", LOCAL, role("later", rule("get", "pods"), namespace="shop"), grant("create", "roles", RBAC)) == ()
