"""RL1505: writing the status of nodes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["get", "create", "delete"])
def test_with_the_kubelet_api_it_is_critical(verb):
    """The address of a node and requests to it make one attack, also when they come from two bindings."""
    (one,) = found("RL1505", grant("update", "nodes/status", name="a"), grant(verb, "nodes/proxy", name="b"))
    assert one.severity.title == "Critical"
