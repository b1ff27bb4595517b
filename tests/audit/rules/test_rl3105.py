"""RL3105: two roles that say the same."""

from audit_rules import found, policy_of, role, rule


def test_compared_by_what_they_give():
    """However the rules are cut; the first by name stays."""
    (one,) = found(
        "RL3105",
        role("b", rule("get list", "pods services")),
        role("a", rule("list get get", "services"), rule("get list", "pods")),
    )
    assert one.objects[0].name == "b"
    assert "ClusterRole a" in one.message


def test_a_copy_of_a_default_role_is_found():
    """The API server's own role is the one to keep."""
    view = next(one for one in policy_of().roles if one.name == "view")
    rules = [
        {"verbs": one.verbs, "resources": one.resources, "apiGroups": one.api_groups} for one in view.rules if not one.non_resource_urls
    ]
    (one,) = found("RL3105", role("a-reader", *rules))
    assert "ClusterRole view" in one.message


def test_other_scopes_and_empty_roles_are_clean():
    """A namespace needs Roles of its own; roles that give nothing are equal in nothing."""
    pods = rule("get", "pods")
    assert found("RL3105", role("a", pods, namespace="shop"), role("b", pods, namespace="web"), role("c", pods)) == ()
    assert found("RL3105", role("a"), role("b")) == ()
    assert found("RL3105", role("a", rule("get", "pods", names="x")), role("b", pods)) == ()


def test_aggregation_is_no_copy():
    """A role that gathers one other, and roles that differ in what gathers them."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}
    assert found("RL3105", role("a", rule("get", "pods"), labels={"to": "all"}), role("all", aggregationRule=selector)) == ()
    fed = [
        role(f"to-{to}", rule("get", "pods"), labels={f"rbac.authorization.k8s.io/aggregate-to-{to}": "true"}) for to in ("edit", "view")
    ]
    assert found("RL3105", fed) == ()
