"""RL3016: a binding to an identity of certificates or of cluster bootstrapping."""

import pytest
from audit_rules import account, binding, found, group, user


@pytest.mark.parametrize("name", ["kubernetes-admin", "kubelet-bootstrap", "system:node:worker-1", "system:bootstrap:abc123"])
def test_each_identity_is_found(name):
    """On the user, as a note."""
    (one,) = found("RL3016", binding("b", user(name), role="view"))
    assert name in one.message
    assert one.severity.title == "Info"


@pytest.mark.parametrize("subject", [user("anna"), group("kubernetes-admin"), account("kubelet", "shop"), user("system:kube-proxy")])
def test_others_are_clean(subject):
    """A person, a group, a service account, and a component of the control plane."""
    assert found("RL3016", binding("b", subject, role="view")) == ()
