"""RL3504: a subresource in the resource field of an ABAC line."""

import pytest
from audit_rules import found


@pytest.mark.parametrize("resource", ["pods/log", "*/status", "pods/"])
def test_a_slash_never_matches(resource):
    """The bare resource is compared (ABAC-21), in both formats."""
    head = '"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"'
    spec = f'{{"user": "bob", "namespace": "shop", "resource": "{resource}"}}'
    assert len(found("RL3504", abac=f'{{{head}, "spec": {spec}}}')) == 1
    assert len(found("RL3504", abac=spec)) == 1


@pytest.mark.parametrize("line", ['{"user": "bob", "resource": "pods"}', '{"user": "bob"}'])
def test_without_a_slash(line):
    """A plain resource, and none, are fine."""
    assert found("RL3504", abac=line) == ()
