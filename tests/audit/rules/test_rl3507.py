"""RL3507: an ABAC line with user and group."""

import pytest
from audit_rules import found

HEAD = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'


@pytest.mark.parametrize(
    ("who", "count"),
    [
        ('"user": "bob", "group": "ops"', 1),
        ('"user": "bob"', 0),
        ('"group": "ops"', 0),
        ('"user": "bob", "group": ""', 0),
        ('"user": "bob", "group": "*"', 0),
        ('"user": "*", "group": "ops"', 0),
    ],
)
def test_both_without_a_star(who, count):
    """Both have to hold (ABAC-18); a star drops the other one, which RL3506 reports."""
    spec = f'{{{who}, "namespace": "shop", "resource": "pods"}}'
    assert len(found("RL3507", abac=f'{{{HEAD}, "spec": {spec}}}')) == count
    assert len(found("RL3507", abac=spec)) == count
