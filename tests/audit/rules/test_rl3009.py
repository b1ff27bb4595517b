"""RL3009: a subject with a wildcard in its name."""

import pytest
from audit_rules import binding, found, group, user


@pytest.mark.parametrize("subject", [user("*"), group("*"), user("dev-*"), group("system:serviceaccounts:*"), user("*@example.com")])
def test_a_star_anywhere_is_found(subject):
    """RBAC compares names as they are (X-03)."""
    (one,) = found("RL3009", binding("b", subject, role="view"))
    assert one.score == 7.0
    assert subject["name"] in one.message


def test_names_without_a_star_are_clean():
    """Other signs of a pattern are left alone: they are legal in names of identity providers."""
    assert found("RL3009", binding("b", user("dev-?"), group("[admins]"), role="view")) == ()


def test_two_stars_of_one_binding_are_two_findings():
    """The kind and the name tell them apart."""
    assert len(found("RL3009", binding("b", user("*"), group("*"), role="view"))) == 2
