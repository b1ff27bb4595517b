"""RL1802: writing the status of services."""

from audit_rules import found, grant


def test_the_service_itself_does_not_reach_the_status():
    """patch on services leaves the status alone (RL1801); the status of every resource has it."""
    assert found("RL1802", grant("update patch", "services services/*")) == ()
    assert found("RL1802", grant("patch", "*/status"))
