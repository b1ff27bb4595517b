"""RL1404: port-forward."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "pods/portforward"),
        grant("create", "pods pods/exec pods/*"),
        grant("create", "pods/portforward", "apps"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1404", objects) == ()
