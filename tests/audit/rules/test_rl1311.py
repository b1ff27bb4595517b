"""RL1311: writing the status of pods."""

from audit_rules import found, grant


def test_the_pod_itself_is_another_rule():
    """update on pods does not reach the status (RL1305)."""
    assert found("RL1311", grant("update patch", "pods pods/*")) == ()
