"""RL1301: creating pods in every namespace."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get update patch", "pods"),
        grant("create", "pods", "example.com"),
        grant("create", "pods/exec pods/*"),
        grant("create", "pods", names="one"),
        grant("create", "pods", namespace="shop"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1301", objects) == ()
