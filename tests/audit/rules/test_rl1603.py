"""RL1603: signing certificates."""

import pytest
from audit_rules import found, given, rule

GROUP = "certificates.k8s.io"


def signer(sign="sign", change="update", name="", group=GROUP, status="certificatesigningrequests/status", namespace=""):
    """Both rights in one role."""
    return given(rule(sign, "signers", group, name), rule(change, status, group), namespace=namespace)


@pytest.mark.parametrize("change", ["update", "patch", "*"])
@pytest.mark.parametrize("sign", ["sign", "*"])
def test_every_verb_counts(sign, change):
    """Serious, but not an identity: high, not critical."""
    (one,) = found("RL1603", signer(sign=sign, change=change))
    assert (one.severity.title, one.scopes) == ("High", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        signer(sign="approve attest"),
        signer(change="get create"),
        signer(group="example.com"),
        signer(status="certificatesigningrequests"),
        signer(status="certificatesigningrequests/*"),
        signer(status="certificatesigningrequests/approval"),
        signer(namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Both halves are needed, and a RoleBinding gives neither."""
    assert found("RL1603", objects) == ()


def test_a_signer_of_ones_own_is_a_level_less():
    """The signers of Kubernetes itself are as bad as all."""
    (own,) = found("RL1603", signer(name="example.com/mine"))
    (server,) = found("RL1603", signer(name="kubernetes.io/kubelet-serving"))
    assert (own.severity.title, server.severity.title) == ("Medium", "High")
