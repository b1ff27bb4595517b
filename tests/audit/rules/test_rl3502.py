"""RL3502: an ABAC line that writes a sensitive resource."""

import json

import pytest
from audit_rules import found

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
RBAC = "rbac.authorization.k8s.io"


def _found(**spec):
    return found("RL3502", abac=json.dumps(HEAD | {"spec": {"user": "bob"} | spec}))


@pytest.mark.parametrize(
    ("resource", "group"),
    [("secrets", ""), ("pods", ""), ("serviceaccounts", ""), ("deployments", "apps"), ("roles", RBAC), ("pods", "*"), ("*", "")],
)
def test_namespaced_resources(resource, group):
    """Every sensitive resource counts, with its own group or all groups."""
    (one,) = _found(namespace="shop", resource=resource, apiGroup=group)
    assert (one.severity.title, str(one.principal)) == ("High", "user:bob")


@pytest.mark.parametrize("namespace", ["*", "kube-system"])
def test_wider_places_are_worse(namespace):
    """All namespaces, and a namespace whose accounts amount to cluster-admin, are critical."""
    (one,) = _found(namespace=namespace, resource="pods")
    assert one.severity.title == "Critical"


@pytest.mark.parametrize(("resource", "group"), [("nodes", ""), ("users", ""), ("clusterroles", RBAC), ("signers", "certificates.k8s.io")])
def test_cluster_scoped_resources(resource, group):
    """Requests for cluster-scoped resources have no namespace; a line for one namespace never matches them (ABAC-20)."""
    assert _found(resource=resource, apiGroup=group)
    assert _found(namespace="*", resource=resource, apiGroup=group)
    assert _found(namespace="shop", resource=resource, apiGroup=group) == ()


def test_all_namespaces_at_once():
    """Without a namespace, secrets are still listed across all of them; pods are only listed, which is no write (ABAC-20)."""
    assert _found(resource="secrets")
    assert _found(resource="pods") == ()


@pytest.mark.parametrize(
    "spec",
    [
        {"namespace": "shop", "resource": "secrets", "readonly": True},
        {"namespace": "shop", "resource": "services"},
        {"namespace": "shop", "resource": "roles"},
        {"namespace": "shop", "resource": "secrets", "apiGroup": "apps"},
        {"namespace": "shop", "resource": "pods/exec"},
        {"namespace": "shop", "resource": "secrets", "user": ""},
        {"namespace": "*", "resource": "*", "apiGroup": "*"},
    ],
)
def test_one_attribute_away(spec):
    """Read-only, harmless, of another group, dead, for nobody, or everything (which RL3501 reports)."""
    assert _found(**spec) == ()
