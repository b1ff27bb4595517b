"""RL1501: the kubelet's API by GET."""

from audit_rules import found, grant


def test_wildcards_count():
    """A star for the resource, alone or in front of the subresource, covers it."""
    assert found("RL1501", grant("get", "*"))
    assert found("RL1501", grant("get", "*/proxy"))
