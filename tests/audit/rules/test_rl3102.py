"""RL3102: two bindings that say the same."""

from audit_rules import account, binding, found, group, user


def test_the_same_subjects_in_any_order_and_form():
    """The first by name stays (RBAC-22)."""
    one = binding("a", user("u"), account("s", "shop"), role="view", namespace="shop")
    two = binding("b", user("system:serviceaccount:shop:s"), user("u"), user("u"), role="view", namespace="shop")
    (finding,) = found("RL3102", two, one)
    assert finding.patch.name == "b"
    assert "RoleBinding shop/a" in finding.message


def test_another_role_subject_or_scope_is_clean():
    """Each of them makes it another grant."""
    one = binding("a", user("u"), role="view", namespace="shop")
    others = [
        binding("b", user("u"), role="edit", namespace="shop"),
        binding("b", user("u"), role="view", namespace="web"),
        binding("b", user("u"), role="view"),
        binding("b", group("u"), role="view", namespace="shop"),
        binding("b", user("u"), user("v"), role="view", namespace="shop"),
        binding("b", user("u"), role="view", kind="Role", namespace="shop"),
    ]
    for other in others:
        assert found("RL3102", one, other) == ()


def test_bindings_of_nobody_are_clean():
    """Empty bindings say nothing twice."""
    assert found("RL3102", binding("a", role="view"), binding("b", role="view")) == ()
