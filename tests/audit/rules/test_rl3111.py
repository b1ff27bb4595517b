"""RL3111: a subject with very many roles."""

import pytest
from audit_rules import account, binding, found, group, user


def bound(subject, count, **more):
    return [binding(f"b{number:02}", subject, role=f"r{number:02}", **more) for number in range(count)]


@pytest.mark.parametrize("subject", [user("u"), group("g"), account("s", "shop")])
def test_more_than_ten_are_found_once(subject):
    """On the first binding; ten are clean."""
    (one,) = found("RL3111", bound(subject, 11))
    assert one.principal is not None
    assert "11 different roles" in one.message
    assert found("RL3111", bound(subject, 10)) == ()


def test_one_role_in_many_namespaces_counts_once():
    """What a subject may do does not get harder to see by more namespaces."""
    assert found("RL3111", [binding("b", user("u"), role="view", namespace=f"n{number}") for number in range(20)]) == ()


def test_two_subjects_are_not_added_up():
    """A user and a group of one name are two subjects."""
    assert found("RL3111", bound(user("u"), 10), bound(group("u"), 10, namespace="shop")) == ()
