"""RL3307: an aggregated role that gathers nearly everything."""

import pytest
from audit_rules import found, role

BOOTSTRAPPING = "kubernetes.io/bootstrapping"


def _found(*selectors):
    return found("RL3307", role("gatherer", aggregationRule={"clusterRoleSelectors": list(selectors)}))


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"matchLabels": {}},
        {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]},
        {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["x"]}]},
        {"matchLabels": {BOOTSTRAPPING: "rbac-defaults"}},
        {"matchExpressions": [{"key": BOOTSTRAPPING, "operator": "Exists"}]},
    ],
)
def test_broad_selectors(selector):
    """Empty selectors match every role (RBAC-42), negative ones all without the label, and one label all shipped roles."""
    (one,) = _found({"matchLabels": {"a": "b"}}, selector)
    assert one.severity.title == "High"


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"a": "b"}},
        {"matchLabels": {BOOTSTRAPPING: "x"}},
        {"matchExpressions": [{"key": "team", "operator": "Exists"}]},
        {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]},
    ],
)
def test_selectors_by_an_own_label(selector):
    """A label that must be there keeps all others out."""
    assert _found(selector) == ()


def test_two_broad_selectors():
    """Each is found, by what it says."""
    assert len({one.fingerprint for one in _found({}, {"matchLabels": {BOOTSTRAPPING: "rbac-defaults"}})}) == 2
