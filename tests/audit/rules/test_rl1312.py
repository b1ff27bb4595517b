"""RL1312: adding ephemeral containers."""

from audit_rules import found, grant


def test_wildcards_of_the_subresource():
    """A star for the resource in front of the subresource is understood."""
    assert found("RL1312", grant("patch", "*/ephemeralcontainers"))
