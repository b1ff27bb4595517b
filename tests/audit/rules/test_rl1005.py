"""RL1005: writing all resources of an API group."""

import pytest
from audit_rules import found, given, grant, rule


@pytest.mark.parametrize(
    ("api_group", "level"),
    [("*", "Critical"), ("apps", "Critical"), ("rbac.authorization.k8s.io", "Critical"), ("cert-manager.io", "Medium")],
)
def test_severity_by_group(api_group, level):
    """Every group counts; one whose objects are neither pods nor rights, as an operator holds it for its own, is less."""
    (one,) = found("RL1005", grant("create", "*", api_group))
    assert one.severity.title == level


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch", "*"),
        grant("create", "*/*"),
        grant("create", "*/scale"),
        grant("create", "pods secrets"),
        grant("patch", "*", names="one"),
        grant("*", "*", "*"),
        given(rule("get", "*"), rule("create", "pods")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Reading (RL1006), ``*/*``, one subresource, listed resources, names, and everything at all (RL1001)."""
    assert found("RL1005", objects) == ()


def test_a_later_rule_counts():
    """The star is found in whichever rule of the role it stands."""
    (one,) = found("RL1005", given(rule("get", "pods"), rule("get", "nodes"), rule("patch", "*")))
    assert one.evidence[0].rule_index == 2
