"""RL3303: a namespace on a cluster-wide object."""

from audit_rules import binding, found, policy_of, role, user

from rbaclens.audit.patch import applied


def _in(namespace, one):
    return one | {"metadata": one["metadata"] | {"namespace": namespace}}


def test_roles_and_bindings():
    """Both are notes, about the whole cluster."""
    two = found("RL3303", _in("shop", role("r")), _in("shop", binding("b", user("x"), role="r")))
    assert {(one.severity.title, one.scopes, one.origin.path[-2:]) for one in two} == {("Info", ("*",), ("metadata", "namespace"))}
    assert len(two) == 2


def test_the_patch_leaves_the_others():
    """It is about one object, and what was written of another stays known."""
    policy = policy_of(_in("shop", role("a")), _in("shop", role("b")))
    (one, _) = found("RL3303", _in("shop", role("a")), _in("shop", role("b")))
    assert list(applied(policy, one.patch).written.misplaced.values()) == ["shop"]


def test_others_are_clean():
    """Objects of a namespace, an empty text, and cluster-wide objects as they should be."""
    assert found("RL3303", role("r", namespace="shop"), _in("", role("r")), binding("b", user("x"), role="r")) == ()
