"""RL1310: deleting or evicting pods."""

import pytest
from audit_rules import found, given, grant, rule


@pytest.mark.parametrize("resource", ["pods/eviction", "*/eviction"])
def test_eviction_is_a_create(resource):
    """The subresource takes a create and no other verb."""
    assert found("RL1310", grant("create", resource))
    assert found("RL1310", grant("get update delete", resource)) == ()


@pytest.mark.parametrize("nodes", [rule("update", "nodes"), rule("patch", "nodes/status")])
def test_with_the_nodes_it_steals_pods(nodes):
    """Who also says which nodes take pods decides where the next one starts."""
    (one,) = found("RL1310", given(rule("create", "pods/eviction"), nodes))
    assert one.severity.title == "High"
