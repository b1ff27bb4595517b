"""RL1401: exec into pods."""

from audit_rules import found, grant


def test_wildcards_of_the_subresource():
    """A star for the resource in front of the subresource is understood."""
    assert found("RL1401", grant("create", "*/exec"))
