"""RL1305: changing running pods."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list create delete", "pods"),
        grant("patch", "pods", "metrics.k8s.io"),
        grant("patch", "pods/status pods/resize pods/*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1305", objects) == ()
