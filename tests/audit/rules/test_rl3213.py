"""RL3213: virtual verbs on objects that nobody asks about."""

import pytest
from audit_rules import found, given, rule

RBAC = "rbac.authorization.k8s.io"


@pytest.mark.parametrize(
    ("verb", "names", "group"),
    [
        ("bind", "rolebindings", RBAC),
        ("bind", "clusterrolebindings", RBAC),
        ("escalate", "rolebindings", RBAC),
        ("bind", "clusterroles", ""),
        ("approve", "certificatesigningrequests/approval", "certificates.k8s.io"),
        ("sign", "certificatesigningrequests", "certificates.k8s.io"),
        ("impersonate", "roles", RBAC),
        ("use", "pods", ""),
    ],
)
def test_inert(verb, names, group):
    """The forms that peers take for the dangerous ones."""
    (one,) = found("RL3213", given(rule(f"get {verb}", names, group)))
    assert one.message.startswith(f"{verb} is asked about ")


@pytest.mark.parametrize(
    ("verb", "names", "group"),
    [
        ("bind escalate", "roles rolebindings", RBAC),
        ("bind", "clusterroles", RBAC),
        ("bind", "*", "*"),
        ("sign approve", "signers", "certificates.k8s.io"),
        ("approve", "issuers", "cert-manager.io"),
        ("impersonate", "users", ""),
        ("impersonate", "userextras/scopes", "authentication.k8s.io"),
        ("use", "podsecuritypolicies", "policy"),
        ("use", "securitycontextconstraints", "security.openshift.io"),
        ("create", "rolebindings", RBAC),
    ],
)
def test_asked_about(verb, names, group):
    """The right object among the resources is enough, and others' API groups are not judged."""
    assert found("RL3213", given(rule(verb, names, group))) == ()
