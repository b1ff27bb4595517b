"""RL3510: an ABAC line without the API group of its resource."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def _found(**spec):
    return found("RL3510", abac=json.dumps(HEAD | {"spec": {"user": "bob", "namespace": "shop"} | spec}))


@pytest.mark.parametrize(("resource", "group"), [("deployments", "apps"), ("roles", "rbac.authorization.k8s.io"), ("jobs", "batch")])
def test_the_group_is_named(resource, group):
    """An empty apiGroup is the core group alone (ABAC-20); the message names the right one."""
    (one,) = _found(resource=resource)
    assert one.message.endswith(f"they are in {group}.")


@pytest.mark.parametrize(
    "spec",
    [
        {"resource": "pods"},
        {"resource": "events"},
        {"resource": "deployments", "apiGroup": "apps"},
        {"resource": "deployments", "apiGroup": "*"},
        {"resource": "*"},
        {"resource": "widgets"},
        {"resource": "deployments/scale"},
        {"nonResourcePath": "/logs"},
    ],
)
def test_one_attribute_away(spec):
    """Core resources, a group or star that is written, unknown resources, and paths."""
    assert _found(**spec) == ()


def test_legacy_lines_have_every_group():
    """The v0 format widens the group (ABAC-13)."""
    assert found("RL3510", abac='{"user": "bob", "resource": "deployments"}') == ()
