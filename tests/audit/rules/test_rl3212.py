"""RL3212: verbs that a subresource does not know."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    ("verbs", "name", "group"),
    [
        ("delete", "pods/log", ""),
        ("list", "pods/exec", ""),
        ("get", "serviceaccounts/token", ""),
        ("delete", "pods/eviction", ""),
        ("create", "*/scale", "*"),
        ("create", "deployments/scale", "apps"),
        ("list watch", "pods/status", "*"),
    ],
)
def test_no_such_operation(verbs, name, group):
    """None of the verbs is served."""
    (one,) = found("RL3212", given(rule(verbs, name, group)))
    assert one.score == 0


@pytest.mark.parametrize(
    ("verbs", "name", "group"),
    [
        ("get list watch", "pods/log", ""),
        ("get", "pods/exec", ""),
        ("create", "pods/eviction", ""),
        ("*", "pods/log", ""),
        ("update", "deployments/finalizers", "apps"),
        ("delete", "pods", ""),
        ("delete", "widgets/scale", "example.com"),
        ("approve", "certificatesigningrequests/approval", "certificates.k8s.io"),
        ("associated-node:update list", "resourceclaims/status", "resource.k8s.io"),
    ],
)
def test_one_verb_is_enough(verbs, name, group):
    """A rule is the product of its lists; virtual verbs are RL3213's."""
    assert found("RL3212", given(rule(verbs, name, group))) == ()
