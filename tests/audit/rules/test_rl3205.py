"""RL3205: API groups that cannot be."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    "group", ["core", "v1", "apps/v1", "rbac.authorization.k8s.io/v1", "*.k8s.io", "Apps", "rbac", "v1beta1", "core/v1", "apps/deployments"]
)
def test_impossible_groups(group):
    """Groups are compared as they stand (RBAC-10)."""
    (one,) = found("RL3205", given(rule("get", "pods", group)))
    assert f'"{group}"' in one.message


@pytest.mark.parametrize("group", ["", "*", "apps", "extensions", "example.com", "rbac.authorization.k8s.io"])
def test_groups_are_clean(group):
    """Real groups, the star, and those that somebody else may serve."""
    assert found("RL3205", given(rule("get", "pods", group))) == ()
