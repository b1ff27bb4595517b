"""RL1004: all verbs on a sensitive resource."""

import pytest
from audit_rules import found, grant

RBAC = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"


@pytest.mark.parametrize(
    ("resource", "api_group"),
    [
        ("roles", RBAC),
        ("clusterroles", RBAC),
        ("serviceaccounts", ""),
        ("secrets", ""),
        ("pods", ""),
        ("users", ""),
        ("groups", ""),
        ("nodes", ""),
        ("uids", "authentication.k8s.io"),
        ("signers", CERTIFICATES),
        ("certificatesigningrequests", CERTIFICATES),
        ("mutatingwebhookconfigurations", ADMISSION),
        ("validatingwebhookconfigurations", ADMISSION),
        ("secrets", "*"),
        ("*", ""),
    ],
)
def test_every_sensitive_resource_counts(resource, api_group):
    """The star of the verbs, on each of the resources where it means more than the usual verbs."""
    (one,) = found("RL1004", grant("*", resource, api_group))
    assert (one.severity.title, one.scopes) == ("High", ("*",))


@pytest.mark.parametrize(("resource", "api_group"), [("roles", RBAC), ("clusterroles", RBAC), ("secrets", "")])
def test_in_a_namespace(resource, api_group):
    """A RoleBinding gives the namespaced ones; bind on clusterroles counts in a namespace too."""
    (one,) = found("RL1004", grant("*", resource, api_group, namespace="shop"))
    assert (one.severity.title, one.scopes) == ("High", ("shop",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch create update patch delete deletecollection", "secrets"),
        grant("*", "configmaps"),
        grant("*", "roles"),
        grant("*", "secrets", "example.com"),
        grant("*", "pods/log"),
        grant("*", "pods/*"),
        grant("*", "rolebindings", RBAC),
        grant("*", "secrets", names="one"),
        grant("*", "users", namespace="shop"),
        grant("*", "nodes", namespace="shop"),
        grant("*", "signers", CERTIFICATES, namespace="shop"),
        grant("*", "*", "*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Listed verbs, another resource, group, subresource or name, cluster-scoped ones in a namespace, everything at all (RL1001)."""
    assert found("RL1004", objects) == ()
