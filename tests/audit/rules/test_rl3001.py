"""RL3001: a binding to a role that is not there."""

from audit_rules import binding, found, role, rule, user


def test_missing_roles_of_both_kinds():
    """A Role is looked for in the binding's namespace, a ClusterRole in the cluster."""
    elsewhere = role("reader", rule("get", "pods"), namespace="other")
    one = binding("a", user("x"), role="reader", kind="Role", namespace="shop")
    other = binding("b", user("x"), role="gone")
    assert {finding.objects[0].name for finding in found("RL3001", elsewhere, one, other)} == {"a", "b"}


def test_default_roles_are_there():
    """What every cluster has counts as present."""
    assert found("RL3001", binding("a", user("x"), role="view")) == ()
