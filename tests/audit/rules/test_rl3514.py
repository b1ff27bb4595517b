"""RL3514: an ABAC line with a resource and a path."""

import pytest
from audit_rules import found

HEAD = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'


@pytest.mark.parametrize(
    ("parts", "count"),
    [
        ('"resource": "pods", "nonResourcePath": "/logs"', 1),
        ('"resource": "*", "nonResourcePath": "*"', 1),
        ('"resource": "pods"', 0),
        ('"nonResourcePath": "/logs"', 0),
        ('"namespace": "shop", "nonResourcePath": "/logs"', 0),
    ],
)
def test_both_parts(parts, count):
    """A line with both parts works for both kinds of requests (ABAC-24)."""
    assert len(found("RL3514", abac=f'{{{HEAD}, "spec": {{"user": "bob", {parts}}}}}')) == count


def test_legacy_lines():
    """What the v0 format adds by itself is RL3509's business."""
    assert found("RL3514", abac='{"user": "bob"}') == ()
