"""Resources that authorization knows and discovery does not."""

from __future__ import annotations

from typing import NamedTuple

AUTHENTICATION = "authentication.k8s.io"
CERTIFICATES = "certificates.k8s.io"
METRICS = "metrics.k8s.io"

_IMPERSONATION = "checked for impersonation, never served"
_AGGREGATED = "served by a metrics server"


class VirtualResource(NamedTuple):
    """A resource that rules may name although the API server itself does not serve it, and ``why`` that is so."""

    group: str
    version: str
    resource: str
    namespaced: bool
    why: str


# ESC-41, ESC-47c and ESC-52, and the API of kubectl top. The order decides where a name stands in two groups.
VIRTUAL = (
    VirtualResource("", "v1", "users", False, _IMPERSONATION),
    VirtualResource("", "v1", "groups", False, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "uids", False, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "userextras", False, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "users", False, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "groups", False, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "serviceaccounts", True, _IMPERSONATION),
    VirtualResource(AUTHENTICATION, "v1", "nodes", False, _IMPERSONATION),
    VirtualResource(CERTIFICATES, "*", "signers", False, "checked for certificate signers, never served"),
    VirtualResource(METRICS, "v1beta1", "pods", True, _AGGREGATED),
    VirtualResource(METRICS, "v1beta1", "nodes", False, _AGGREGATED),
)

# The names of these are free text, slashes included (``arn:aws:iam::1:user/alice``, ``example.com/signer``).
FREE_NAMES = ("users", "groups", "uids", "userextras", "signers")

# What kubelet (ESC-66), certificate approval (ESC-53) and dynamic resource allocation (ESC-58) ask about.
VIRTUAL_SUBRESOURCES = {
    ("", "nodes"): ("stats", "metrics", "log", "checkpoint", "statusz", "configz", "pods", "healthz"),
    (CERTIFICATES, "certificatesigningrequests"): ("nodeclient", "selfnodeclient"),
    ("resource.k8s.io", "resourceclaims"): ("binding", "driver"),
}
