"""RL3304: a binding that is to give another role."""

from audit_rules import binding, found, group, role, user


def test_written_twice_with_another_role():
    """At the second one, with the first beside it."""
    (one,) = found("RL3304", binding("b", user("x"), role="view"), binding("b", user("x"), role="edit"))
    assert (one.severity.title, one.origin.path, one.related[0].origin.path) == ("Low", ("items", 1, "roleRef"), ("items", 0))
    assert "ClusterRole view, then ClusterRole edit" in one.message


def test_another_kind_of_role():
    """A Role of the same name is another role."""
    first, second = (binding("b", user("x"), role="r", kind=kind, namespace="shop") for kind in ("Role", "ClusterRole"))
    assert len(found("RL3304", first, second)) == 1


def test_a_binding_of_the_api_server():
    """Its own bindings keep their role; the server even restores it at its start."""
    (one,) = found("RL3304", binding("cluster-admin", group("system:masters"), role="edit"))
    assert "The API server has a binding of this name" in one.message


def test_others_are_clean():
    """The same role again, another namespace, another kind of binding, a role twice, and the server's binding with other subjects."""
    objects = [
        *(binding("a", user(name), role="view") for name in "xy"),
        *(binding("b", user("x"), role=name, namespace=name) for name in ("view", "edit")),
        binding("b", user("x"), role="admin"),
        *(role("r", labels={"n": n}) for n in "12"),
        binding("cluster-admin", user("x"), role="cluster-admin"),
    ]
    assert found("RL3304", *objects) == ()
