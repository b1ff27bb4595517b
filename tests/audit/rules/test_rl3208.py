"""RL3208: cluster-scoped resources in a Role."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    ("verbs", "name", "group", "names"),
    [
        ("get", "nodes", "", ""),
        ("get", "nodes/proxy", "", ""),
        ("*", "persistentvolumes", "", ""),
        ("get update", "clusterroles", "rbac.authorization.k8s.io", ""),
        ("create", "customresourcedefinitions", "apiextensions.k8s.io", ""),
        ("create", "tokenreviews", "authentication.k8s.io", ""),
        ("approve", "signers", "certificates.k8s.io", ""),
        ("create list", "namespaces", "", ""),
        ("get", "namespaces", "", "other"),
        ("get", "nodes", "*", ""),
    ],
)
def test_never_granted_by_a_role(verbs, name, group, names):
    """A request for such a resource is in no namespace."""
    assert len(found("RL3208", given(rule(verbs, name, group, names), namespace="shop"))) == 1
    assert found("RL3208", given(rule(verbs, name, group, names))) == ()


@pytest.mark.parametrize(
    ("verbs", "name", "group", "names"),
    [
        ("get", "pods", "", ""),
        ("get list", "namespaces", "", ""),
        ("delete", "namespaces", "", "shop"),
        ("update", "namespaces/finalize", "", ""),
        ("bind", "clusterroles", "rbac.authorization.k8s.io", ""),
        ("*", "clusterroles", "rbac.authorization.k8s.io", ""),
        ("get", "*", "*", ""),
        ("get", "widgets", "example.com", ""),
        ("use", "securitycontextconstraints", "security.openshift.io", ""),
        ("create", "localsubjectaccessreviews", "authorization.k8s.io", ""),
    ],
)
def test_asked_about_in_a_namespace(verbs, name, group, names):
    """The own namespace, binding a ClusterRole, and what is not known."""
    assert found("RL3208", given(rule(verbs, name, group, names), namespace="shop")) == ()
