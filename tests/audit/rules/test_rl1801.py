"""RL1801: writing services."""

from audit_rules import found, grant


def test_subresources_are_other_rules():
    """The status is RL1802's; sending something through a service changes none."""
    assert found("RL1801", grant("create update patch", "services/status services/proxy services/*")) == ()
