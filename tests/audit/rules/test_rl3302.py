"""RL3302: a role or binding without a namespace."""

from audit_rules import RBAC, binding, found, plain, role, user


def _unplaced(kind, **more):
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": "r"}, **more}


def test_roles_and_bindings():
    """Both are notes, and are told where they are taken to be."""
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "r"}
    two = found("RL3302", _unplaced("Role"), _unplaced("RoleBinding", roleRef=ref))
    assert {(one.severity.title, one.scopes, "in default" in one.message) for one in two} == {("Info", ("default",), True)}
    assert len(two) == 2


def test_an_empty_namespace_is_none():
    """As kubectl reads it."""
    assert len(found("RL3302", _unplaced("Role") | {"metadata": {"name": "r", "namespace": ""}})) == 1


def test_others_are_clean():
    """Objects with a namespace, cluster-wide ones, and service accounts, which are not this rule's business."""
    assert found("RL3302", role("r", namespace="default"), role("c"), binding("b", user("x"), role="c"), plain("ServiceAccount", "a")) == ()
