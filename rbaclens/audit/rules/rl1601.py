"""RL1601: issuing client certificates."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

_GROUP = "certificates.k8s.io"

# Who makes a request chooses its name, so that an approval which is limited to a name counts in full.
RULE = CapabilityRule(
    id="RL1601",
    title="Issue client certificates via CSR approval",
    gives="A client certificate in any name but that of system:masters, a controller's or an administrator's; it cannot be revoked.",
    fix="Limit approve on signers to the names of one's own signers; nobody approves requests that they make themselves.",
    trigger=may("create", "certificatesigningrequests", _GROUP, cluster=True)
    & may("update patch", "certificatesigningrequests/approval", _GROUP, cluster=True)
    & (
        may("approve", "signers", _GROUP, cluster=True, name="kubernetes.io/kube-apiserver-client")
        | may("approve", "signers", _GROUP, cluster=True, name="kubernetes.io/*")
    ),
    scores={C: 9.5},
    named=True,
    sensitive=bool,
    admin=(C,),
    cis=("5.1.11",),
    attack=("T1649", "T1098"),
    owasp=("K09",),
)
