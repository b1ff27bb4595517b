"""RL3313: rules about pod security policies, which are no more."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("group", ["policy", "extensions"])
def test_both_groups(group):
    """The resource was in two groups."""
    (one,) = found("RL3313", grant("use", "podsecuritypolicies", group))
    assert one.severity.title == "Info"


@pytest.mark.parametrize(
    "objects",
    [grant("use", "podsecuritypolicies", "example.com"), grant("use", "poddisruptionbudgets", "policy"), grant("use", "*", "policy")],
)
def test_one_attribute_away(objects):
    """Another group or resource, and a star, which means more than this."""
    assert found("RL3313", objects) == ()


def test_older_servers_have_them():
    """Before 1.25 the rule means something."""
    assert found("RL3313", grant("use", "podsecuritypolicies", "policy"), version=(1, 24)) == ()
