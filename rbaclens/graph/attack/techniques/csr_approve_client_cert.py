"""CSR_APPROVE_CLIENT_CERT: who asks for a client certificate and approves it has any user name and groups in it.

Only the group system:masters is refused.
Who makes a request chooses its name, so that an approval limited to a name counts in full.
"""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import ANYBODY
from rbaclens.graph.attack.technique import Technique

_GROUP = "certificates.k8s.io"
_SIGNERS = ("", "kubernetes.io/kube-apiserver-client", "kubernetes.io/*")

TECHNIQUE = Technique(
    id="CSR_APPROVE_CLIENT_CERT",
    title="approve a client certificate for oneself",
    needs=may("create", "certificatesigningrequests", _GROUP, cluster=True)
    & may("update patch", "certificatesigningrequests/approval", _GROUP, cluster=True)
    & may("approve", "signers", _GROUP, cluster=True),
    leads_to=lambda case: (ANYBODY,) if case.name in _SIGNERS else (),
    effect="any user and group but system:masters",
    cost=2,
    request="kubectl certificate approve x  # a CertificateSigningRequest for signer kubernetes.io/kube-apiserver-client",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/",
    named=("signers",),
    any_name=("certificatesigningrequests",),
)
