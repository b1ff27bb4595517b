"""RL3106: a subject that has the role by one of its groups already."""

import pytest
from audit_rules import account, binding, found, group, user

ACCOUNT = account("s", "shop")


@pytest.mark.parametrize(
    ("subject", "of"),
    [
        (ACCOUNT, "system:serviceaccounts"),
        (ACCOUNT, "system:serviceaccounts:shop"),
        (ACCOUNT, "system:authenticated"),
        (user("system:serviceaccount:shop:s"), "system:serviceaccounts:shop"),
        (user("u"), "system:authenticated"),
        (user("system:node:a"), "system:nodes"),
        (user("system:anonymous"), "system:unauthenticated"),
    ],
)
def test_every_implied_group_counts(subject, of):
    """The groups that authentication adds (ATTR-14 to ATTR-16), everywhere or in the same namespace."""
    for namespace in ("", "shop"):
        own = binding("own", subject, role="view", namespace="shop")
        (one,) = found("RL3106", own, binding("all", group(of), role="view", namespace=namespace))
        assert of in one.message


@pytest.mark.parametrize(
    "other",
    [
        binding("all", group("system:serviceaccounts:web"), role="view"),
        binding("all", group("system:serviceaccounts"), role="edit"),
        binding("all", group("system:serviceaccounts"), role="view", namespace="web"),
        binding("all", group("system:unauthenticated"), role="view"),
        binding("all", user("system:serviceaccounts"), role="view"),
    ],
)
def test_one_attribute_away_is_clean(other):
    """Another group, role or place."""
    assert found("RL3106", binding("own", ACCOUNT, role="view", namespace="shop"), other) == ()


def test_a_group_in_one_namespace_does_not_cover_the_cluster():
    """A ClusterRoleBinding gives more than a RoleBinding of the group."""
    local = binding("all", group("system:serviceaccounts"), role="view", namespace="shop")
    assert found("RL3106", binding("own", ACCOUNT, role="view"), local) == ()


def test_both_in_one_binding():
    """The subject goes, the group stays."""
    (one,) = found("RL3106", binding("b", group("system:authenticated"), user("u"), role="view"))
    assert [edit.path for edit in one.patch.edits] == ["/subjects/1"]
