"""RL3103: a RoleBinding that a ClusterRoleBinding of the same subject makes superfluous."""

import pytest
from audit_rules import account, binding, found, group, role, rule, urls, user

LOCAL = role("local", rule("get list", "pods"), namespace="shop")


def bound(*subjects):
    return [LOCAL, binding("local", *subjects, role="local", kind="Role", namespace="shop")]


@pytest.mark.parametrize("subject", [user("u"), group("g"), account("s", "shop")])
def test_covered_by_a_wider_role(subject):
    """Not the name of the role counts, but what it gives."""
    wide = [role("wide", rule("*", "pods")), binding("wide", subject, role="wide")]
    (one,) = found("RL3103", bound(subject), wide)
    assert "ClusterRoleBinding wide" in one.message


def test_covered_by_two_together():
    """Atom by atom (ESC-21)."""
    wide = [role("a", rule("get", "pods")), role("b", rule("list", "pods"))]
    wide += [binding("a", user("u"), role="a"), binding("b", user("u"), role="b")]
    (one,) = found("RL3103", bound(user("u")), wide)
    assert len(one.related) == 2


@pytest.mark.parametrize(
    ("subject", "rules"),
    [
        (user("v"), rule("*", "pods")),
        (group("u"), rule("*", "pods")),
        (user("u"), rule("get", "pods")),
        (user("u"), rule("get list", "pods", names="a")),
        (user("u"), rule("get list", "pods/*")),
        (user("u"), urls("get", "*")),
    ],
)
def test_others_and_less_are_clean(subject, rules):
    """Another subject, fewer verbs, names, what matches nothing, and URLs."""
    assert found("RL3103", bound(user("u")), role("wide", rules), binding("wide", subject, role="wide")) == ()


def test_only_the_covered_subject_goes():
    """The others keep the binding."""
    wide = [role("wide", rule("*", "pods")), binding("wide", user("u"), role="wide")]
    (one,) = found("RL3103", bound(user("v"), user("u")), wide)
    assert [edit.path for edit in one.patch.edits] == ["/subjects/1"]


def test_another_namespace_does_not_cover():
    """Only a ClusterRoleBinding counts in every namespace."""
    other = binding("wide", user("u"), role="wide", namespace="shop")
    assert found("RL3103", bound(user("u")), role("wide", rule("*", "pods")), other) == ()
