"""RL3311: somebody's own role or binding under a "system:" name."""

from audit_rules import binding, found, grant, group, role, rule, user


def test_roles_and_bindings():
    """Both are found by name."""
    both = found("RL3311", grant("get", "pods", name="system:controller:helper"))
    assert {one.objects[0].kind for one in both} == {"ClusterRole", "ClusterRoleBinding"}


def test_namespaced_objects():
    """A name of the API server's in another namespace or kind is not the API server's."""
    (one,) = found("RL3311", role("system:node", rule("get", "pods"), namespace="shop"))
    assert one.scopes == ("shop",)


def test_known_name_with_other_subjects():
    """Content counts: the name of a shipped binding hides no other subject and role."""
    assert len(found("RL3311", binding("system:discovery", user("mallory"), role="cluster-admin"))) == 1


def test_shipped_objects_and_other_names():
    """Edited shipped objects are RL3309's business; other names are free."""
    edited = binding("system:discovery", group("system:authenticated"), user("mallory"), role="system:discovery")
    assert found("RL3311", role("system:node", rule("get", "pods")), edited, grant("get", "pods", name="systems")) == ()
