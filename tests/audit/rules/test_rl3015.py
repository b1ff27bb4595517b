"""RL3015: a subject that stands twice in a binding."""

from audit_rules import account, binding, found, group, policy_of, user

from rbaclens.audit.patch import applied

SAME = (account("a", "shop"), user("system:serviceaccount:shop:a"), {"kind": "ServiceAccount", "name": "a"})


def test_all_forms_of_one_account_are_one():
    """With and without namespace, and as a user (RBAC-22): one finding, however many entries there are."""
    (one,) = found("RL3015", binding("b", *SAME, role="view", namespace="shop"))
    assert str(one.principal) == "sa:shop/a"


def test_the_patch_keeps_one_entry():
    """All entries but the first go, and nobody else's."""
    policy = policy_of(binding("b", SAME[0], user("u"), SAME[1], SAME[2], role="view", namespace="shop"))
    (one,) = found("RL3015", binding("b", SAME[0], user("u"), SAME[1], SAME[2], role="view", namespace="shop"))
    (left,) = [each for each in applied(policy, one.patch).bindings if each.name == "b"]
    assert [(subject.kind, subject.name) for subject in left.subjects] == [("ServiceAccount", "a"), ("User", "u")]


def test_different_subjects_are_clean():
    """A user and a group of one name, an account of another namespace, and the same subject in two bindings."""
    assert found("RL3015", binding("b", user("a"), group("a"), account("a", "shop"), account("a", "other"), role="view")) == ()
    assert found("RL3015", binding("b", user("a"), role="view"), binding("c", user("a"), role="edit")) == ()
