"""RL3312: an aggregated role that gathers nothing."""

import pytest
from audit_rules import found, role, rule


def _gatherer(*selectors, **more):
    return role("monitoring", aggregationRule={"clusterRoleSelectors": list(selectors)}, **more)


def test_no_role_has_the_label():
    """A selector that matches nothing."""
    assert len(found("RL3312", _gatherer({"matchLabels": {"for": "monitoring"}}))) == 1


@pytest.mark.parametrize("labels", [{"for": "monitoring"}, {"for": "monitoring", "more": "labels"}])
def test_some_role_has_it(labels):
    """One match by one selector is enough."""
    source = role("source", rule("get", "pods"), labels=labels)
    assert found("RL3312", _gatherer({"matchLabels": {"for": "x"}}, {"matchLabels": {"for": "monitoring"}}), source) == ()


def test_itself_does_not_count():
    """A role never gathers itself (RBAC-41), and a Role is never gathered."""
    local = role("source", rule("get", "pods"), labels={"for": "monitoring"}, namespace="shop")
    assert len(found("RL3312", _gatherer({"matchLabels": {"for": "monitoring"}}, labels={"for": "monitoring"}), local)) == 1


def test_plain_roles():
    """A role without an aggregation rule gathers nothing by intent."""
    assert found("RL3312", role("plain")) == ()
