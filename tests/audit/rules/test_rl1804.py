"""RL1804: writing ingresses."""

from audit_rules import found, grant


def test_the_group_of_today_and_the_object_itself():
    """The group extensions serves no ingresses any more, and a status routes nothing."""
    assert found("RL1804", grant("create", "ingresses", "extensions")) == ()
    assert found("RL1804", grant("update patch", "ingresses/status", "networking.k8s.io")) == ()
