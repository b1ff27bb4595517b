"""RL1502: the kubelet's API by writing verbs."""

from audit_rules import found, grant


def test_wildcards_count():
    """A star for the resource, alone or in front of the subresource, covers it."""
    assert found("RL1502", grant("create", "*"))
    assert found("RL1502", grant("patch", "*/proxy"))
