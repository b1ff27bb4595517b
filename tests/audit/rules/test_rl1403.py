"""RL1403: attaching to pods."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "pods/attach"),
        grant("create", "pods pods/exec pods/*"),
        grant("create", "pods/attach", "apps"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1403", objects) == ()
