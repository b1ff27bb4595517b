"""RL3006: a binding to a Role of another namespace."""

from audit_rules import binding, found, role, rule, user

PODS = rule("get", "pods")


def test_names_the_namespaces_that_have_the_role():
    """The message says where the role is; its places are related ones."""
    roles = [role("r", PODS, namespace=place) for place in ("d", "c", "b", "a")]
    (one,) = found("RL3006", roles, binding("b", user("u"), role="r", kind="Role", namespace="shop"))
    assert "namespace a, b, c and others only" in one.message
    assert len(one.related) == 3


def test_a_role_that_is_there_or_nowhere_is_clean():
    """The role of the binding's own namespace counts; a role that no namespace has is another rule's business."""
    away = role("r", PODS, namespace="away")
    here = role("r", PODS, namespace="shop")
    assert found("RL3006", away, here, binding("b", user("u"), role="r", kind="Role", namespace="shop")) == ()
    assert found("RL3006", away, binding("b", user("u"), role="other", kind="Role", namespace="shop")) == ()


def test_a_cluster_role_of_the_name_is_no_role_elsewhere():
    """The kind belongs to the reference (RBAC-31)."""
    assert found("RL3006", role("r", PODS), binding("b", user("u"), role="r", kind="Role", namespace="shop")) == ()
    away = role("r", PODS, namespace="away")
    assert found("RL3006", away, binding("b", user("u"), role="r", namespace="shop")) == ()
