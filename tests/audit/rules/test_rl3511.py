"""RL3511: an ABAC line for a namespaced resource without a namespace."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def _found(**spec):
    return found("RL3511", abac=json.dumps(HEAD | {"spec": {"user": "bob"} | spec}))


@pytest.mark.parametrize(("resource", "group"), [("pods", ""), ("deployments", "apps"), ("deployments", "*")])
def test_namespaced_resources(resource, group):
    """An empty namespace equals only that of a request without one (ABAC-20)."""
    assert len(_found(resource=resource, apiGroup=group)) == 1


@pytest.mark.parametrize(
    "spec",
    [
        {"resource": "pods", "namespace": "shop"},
        {"resource": "pods", "namespace": "*"},
        {"resource": "nodes"},
        {"resource": "*"},
        {"resource": "widgets"},
        {"resource": "deployments"},
        {"nonResourcePath": "/logs"},
    ],
)
def test_one_attribute_away(spec):
    """A namespace or star, cluster-scoped and unknown resources, a wrong group (which RL3510 reports), and paths."""
    assert _found(**spec) == ()


def test_legacy_lines_have_every_namespace():
    """The v0 format widens the namespace (ABAC-13)."""
    assert found("RL3511", abac='{"user": "bob", "resource": "pods"}') == ()
