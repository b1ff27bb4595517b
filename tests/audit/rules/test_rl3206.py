"""RL3206: wildcards in resources that are none."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize("name", ["pods/*", "*/*", "sec*", "pods*", "*s", "*/lo*", "**"])
def test_stars_that_match_nothing(name):
    """RBAC-14, and the peers that take them for grants."""
    (one,) = found("RL3206", given(rule("get", name)))
    assert f'"{name}"' in one.message


@pytest.mark.parametrize("name", ["*", "*/log", "pods", "pods/log"])
def test_stars_that_work(name):
    """The star alone, and in front of a subresource."""
    assert found("RL3206", given(rule("get", name))) == ()


def test_user_extras_of_constrained_impersonation():
    """The one check that asks for a subresource called star (ESC-47f)."""
    assert found("RL3206", given(rule("impersonate:user-info", "userextras/*", "authentication.k8s.io"))) == ()
    assert found("RL3206", given(rule("impersonate", "userextras/*", "authentication.k8s.io")))
