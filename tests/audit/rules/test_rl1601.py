"""RL1601: issuing client certificates."""

import pytest
from audit_rules import found, given, grant, rule, user

GROUP = "certificates.k8s.io"
CLIENT = "kubernetes.io/kube-apiserver-client"


def issuer(create="create", change="update", signer=CLIENT, approve="approve", group=GROUP, approvals="", namespace=""):
    """The three rights in one role."""
    return given(
        rule(create, "certificatesigningrequests", group),
        rule(change, "certificatesigningrequests/approval", group, approvals),
        rule(approve, "signers", group, signer),
        namespace=namespace,
    )


@pytest.mark.parametrize("change", ["update", "patch", "*"])
@pytest.mark.parametrize("signer", [CLIENT, "kubernetes.io/*", ""])
def test_every_verb_and_signer_counts(change, signer):
    """The client signer by its name, by its domain, or without a name."""
    (one,) = found("RL1601", issuer(change=change, signer=signer))
    assert (one.severity.title, one.scopes) == ("Critical", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        issuer(create="get"),
        issuer(change="get create"),
        issuer(approve="sign attest"),
        issuer(signer="kubernetes.io/kubelet-serving example.com/mine"),
        issuer(signer="*"),
        issuer(signer="kubernetes.io/kube-*"),
        issuer(group="example.com"),
        issuer(namespace="kube-system"),
        grant("*", "certificatesigningrequests/* certificatesigningrequests", GROUP),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Each of the three is needed, for that signer; names are literal, and a RoleBinding gives none of it."""
    assert found("RL1601", objects) == ()


def test_three_bindings_come_together_in_one_principal():
    """The union counts, of one principal and never of two."""
    parts = [
        grant("create", "certificatesigningrequests", GROUP, name="a"),
        grant("patch", "*/approval", GROUP, name="b"),
        grant("*", "signers", "*", name="c"),
    ]
    (one,) = found("RL1601", *parts)
    assert len(one.evidence) == 3
    assert found("RL1601", *parts[:2], grant("approve", "signers", GROUP, name="c", to=user("other"))) == ()


def test_an_approval_by_name_counts_in_full():
    """Who makes the request chooses its name."""
    (one,) = found("RL1601", issuer(approvals="mine"))
    assert one.severity.title == "Critical"
