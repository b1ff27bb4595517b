"""RL3503: a read-only ABAC line that is not harmless."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}


def _found(version=(1, 36), **spec):
    return found("RL3503", abac=json.dumps(HEAD | {"spec": {"user": "bob", "readonly": True} | spec}), version=version)


@pytest.mark.parametrize(
    ("namespace", "resource", "level"),
    [
        ("shop", "secrets", "High"),
        ("kube-system", "secrets", "Critical"),
        ("*", "secrets", "Critical"),
        ("", "secrets", "Critical"),
        ("shop", "*", "High"),
        ("*", "*", "Critical"),
        ("", "nodes", "Critical"),
        ("*", "nodes", "Critical"),
    ],
)
def test_where_and_what(namespace, resource, level):
    """Reading secrets or nodes, by name or star; without a namespace all namespaces are listed at once (ABAC-20)."""
    assert [one.severity.title for one in _found(namespace=namespace, resource=resource)] == [level]


def test_exec_by_get_until_1_34():
    """Subresources come along (ABAC-21), and before 1.35 a get of pods/exec is enough."""
    assert len(_found(version=(1, 34), namespace="shop", resource="pods")) == 1
    assert _found(version=(1, 35), namespace="shop", resource="pods") == ()
    assert _found(version=(1, 34), resource="pods") == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"namespace": "shop", "resource": "secrets", "readonly": False},
        {"namespace": "shop", "resource": "configmaps"},
        {"namespace": "shop", "resource": "nodes"},
        {"namespace": "*", "resource": "*", "apiGroup": "apps"},
        {"namespace": "*", "resource": "secrets", "user": ""},
    ],
)
def test_one_attribute_away(spec):
    """Other resources, groups and places, and lines that RL3502 reports."""
    assert _found(**spec) == ()
