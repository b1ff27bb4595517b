"""RL3101: a role that nothing refers to."""

import pytest
from audit_rules import binding, found, role, rule, user

PODS = rule("get", "pods")


@pytest.mark.parametrize("namespace", ["", "shop"])
def test_a_role_without_binding_is_found(namespace):
    """Role and ClusterRole; only a Role may be deleted unseen, a controller may bind the other at run time."""
    (one,) = found("RL3101", role("r", PODS, namespace=namespace))
    assert (one.score, one.patch is not None) == (0.0, bool(namespace))


def test_any_binding_counts():
    """One in a namespace, one without subjects; not one of another namespace or kind (RBAC-31)."""
    assert found("RL3101", role("r", PODS), binding("b", user("u"), role="r", namespace="shop")) == ()
    assert found("RL3101", role("r", PODS), binding("b", role="r")) == ()
    away = binding("b", user("u"), role="r", kind="Role", namespace="web")
    assert len(found("RL3101", role("r", PODS, namespace="shop"), away)) == 1
    assert len(found("RL3101", role("r", PODS), away)) == 1


def test_what_another_role_gathers_is_used():
    """By the labels of the default roles and of others (RBAC-41); a Role is never gathered, and no role gathers itself."""
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    assert found("RL3101", role("r", PODS, labels=label)) == ()
    assert len(found("RL3101", role("r", PODS, labels=label, namespace="shop"))) == 1
    own = {"clusterRoleSelectors": [{"matchLabels": {"mine": "yes"}}]}
    assert len(found("RL3101", role("r", labels={"mine": "yes"}, aggregationRule=own))) == 1


def test_a_changed_default_role_is_left_alone():
    """The API server writes it again at its next start."""
    assert found("RL3101", role("system:heapster", rule("get", "secrets"))) == ()
