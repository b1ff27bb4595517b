"""RL3509: an ABAC line in the legacy format."""

import pytest
from audit_rules import found


@pytest.mark.parametrize(
    ("line", "level", "wide"),
    [
        ('{"user": "bob"}', "High", "every API group, every namespace, every resource, every path."),
        ('{"user": "bob", "readonly": true}', "High", "every API group, every namespace, every resource, every path."),
        ('{"user": "bob", "resource": "pods"}', "High", "every API group, every namespace."),
        ('{"user": "bob", "namespace": "shop"}', "High", "every API group, every resource."),
        ('{"user": "bob", "namespace": "shop", "resource": "pods"}', "High", "every API group."),
        ('{"user": "bob", "namespace": "shop", "resource": "pods", "readonly": true}', "Low", "every API group."),
        ('{"apiVersion": "abac.authorization.kubernetes.io/v0", "kind": "Policy", "user": "bob"}', "High", "every path."),
    ],
)
def test_what_is_widened(line, level, wide):
    """Left-out fields become stars (ABAC-13); the message names them."""
    (one,) = found("RL3509", abac=line)
    assert one.severity.title == level
    assert one.message.endswith(wide)


def test_the_versioned_format_is_clean():
    """Nothing is widened there (ABAC-14)."""
    head = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'
    assert found("RL3509", abac=f'{{{head}, "spec": {{"user": "bob"}}}}') == ()
