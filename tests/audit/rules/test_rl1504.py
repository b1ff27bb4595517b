"""RL1504: modifying nodes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch create delete", "nodes"),
        grant("patch", "nodes/status nodes/*"),
        grant("patch", "nodes", "metrics.k8s.io"),
        grant("update patch", "nodes", namespace="shop"),
        grant("update patch", "nodes", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1504", objects) == ()
