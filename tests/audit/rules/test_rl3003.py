"""RL3003: a binding to a service account in a namespace that is not there."""

from audit_rules import account, binding, found, plain, user

SHOP = plain("Namespace", "shop")


def test_every_subject_in_a_missing_namespace_is_found():
    """Two subjects are two findings; one written as a user counts too (RBAC-22)."""
    two = found("RL3003", SHOP, binding("b", account("a", "gone"), user("system:serviceaccount:lost:b"), role="view"))
    assert {str(one.principal) for one in two} == {"sa:gone/a", "sa:lost/b"}


def test_namespaces_that_are_there_are_clean():
    """Those of the input, those that hold an account of the input, and those that every cluster has."""
    subjects = (account("a", "shop"), account("a", "ci"), account("a", "kube-system"), account("a", "default"))
    assert found("RL3003", SHOP, plain("ServiceAccount", "other", "ci"), binding("b", *subjects, role="view")) == ()


def test_silent_without_namespaces():
    """An input without Namespace objects says nothing about which are there."""
    assert found("RL3003", binding("b", account("a", "gone"), role="view")) == ()
