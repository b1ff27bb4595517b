"""RL1803: writing endpoints."""

from audit_rules import found, grant


def test_both_kinds_of_endpoints():
    """The old kind counts as well, in its own group only."""
    assert found("RL1803", grant("update", "endpoints"))
    assert found("RL1803", grant("update", "endpointslices")) == ()
