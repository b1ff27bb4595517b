"""RL1603: signing certificates."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

_GROUP = "certificates.k8s.io"


def _of_kubernetes(name: str) -> bool:
    return name.startswith("kubernetes.io/")


# Not an identity for the API: a certificate in a status is worth what its key is, and the cluster's is not among these rights.
RULE = CapabilityRule(
    id="RL1603",
    title="Sign certificates",
    gives="Any certificate at all handed to those who trust the signer, such as a false serving certificate.",
    fix="Leave sign and the status of requests to the controller of the signer, by its name.",
    trigger=may("sign", "signers", _GROUP, cluster=True) & may("update patch", "certificatesigningrequests/status", _GROUP, cluster=True),
    scores={C: 7.5},
    named=True,
    sensitive=_of_kubernetes,
    cis=("5.1.11",),
    attack=("T1649",),
    owasp=("K09",),
)
