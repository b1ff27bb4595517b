"""RL1602: approving certificate requests, with a part missing."""

import pytest
from audit_rules import found, given, grant, rule

GROUP = "certificates.k8s.io"
APPROVAL = rule("update", "certificatesigningrequests/approval", GROUP)
CREATE = rule("create", "certificatesigningrequests", GROUP)
APPROVE = rule("approve", "signers", GROUP)
ONE_SIGNER = rule("approve", "signers", GROUP, "example.com/one")


@pytest.mark.parametrize("rules", [[APPROVAL], [APPROVAL, CREATE], [APPROVAL, APPROVE], [APPROVAL, ONE_SIGNER]])
def test_a_part_is_missing(rules):
    """Nobody to approve for, nothing of one's own to approve."""
    (one,) = found("RL1602", given(*rules))
    assert (one.severity.title, one.scopes) == ("Medium", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        given(APPROVAL, CREATE, APPROVE),
        given(APPROVAL, CREATE, ONE_SIGNER),
        given(CREATE, APPROVE),
        given(APPROVAL, namespace="kube-system"),
        grant("update", "certificatesigningrequests", GROUP),
        grant("approve", "certificatesigningrequests/approval", GROUP),
        grant("create get", "certificatesigningrequests/approval", GROUP),
    ],
)
def test_complete_or_inert_is_clean(objects):
    """All three parts are RL1601, or an approver for its own signer; without the approval the rest is nothing."""
    assert found("RL1602", objects) == ()
