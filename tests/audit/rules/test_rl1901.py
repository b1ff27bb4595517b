"""RL1901: creating persistent volumes."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch delete", "persistentvolumes"),
        grant("create", "persistentvolumeclaims persistentvolumes/status"),
        grant("create", "persistentvolumes", "storage.k8s.io"),
        grant("create", "persistentvolumes", names="one"),
        grant("create update patch", "persistentvolumes", namespace="shop"),
        grant("create update patch", "persistentvolumes", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, resource or scope is not this rule's business."""
    assert found("RL1901", objects) == ()
