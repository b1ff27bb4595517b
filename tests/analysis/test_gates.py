"""The gates around authorization: what never meets an authorizer, and what may still refuse (ATTR-06, ATTR-07)."""

from __future__ import annotations

import pytest
import strategies
from hypothesis import given

from rbaclens.analysis.gates import AUTHENTICATION, later_checks, not_authenticated
from rbaclens.model.decision import Answer
from rbaclens.model.request import Request

RBAC = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
OWN = "ValidatingAdmissionPolicy, ValidatingAdmissionWebhook, MutatingAdmissionWebhook"


def names(request):
    return {check.name for check in later_checks(request)}


def test_not_authenticated():
    """ATTR-07: without anonymous authentication it is a certain no, by nobody of the chain."""
    decision = not_authenticated(Request("get", path="/healthz", user="system:anonymous", groups=("system:unauthenticated",)))
    assert (decision.answer, decision.opinion.authorizer, decision.denied, decision.doubts) == (Answer.NO, AUTHENTICATION, False, ())
    assert decision.reason.startswith("401 Unauthorized")


@pytest.mark.parametrize(
    "request_",
    [
        Request("get", "pods", namespace="ns", name="web"),
        Request("list", "secrets"),
        Request("watch", "deployments", "apps"),
        Request("get", "pods", subresource="log", namespace="ns"),
        Request("get", "roles", RBAC, namespace="ns"),
        Request("get", path="/metrics"),
        Request("post", path="/logs"),
    ],
)
def test_reads_and_paths_meet_nothing(request_):
    """Admission sees no reads and no paths (ATTR-06)."""
    assert later_checks(request_) == ()


NODE = {"user": "system:node:n1", "groups": ("system:nodes",)}


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (Request("update", "nodes", name="n1", **NODE), "NodeRestriction"),
        (Request("create", "roles", RBAC, namespace="ns"), "RBAC escalation check"),
        (Request("patch", "clusterrolebindings", RBAC), "RBAC escalation check"),
        (Request("create", "pods", namespace="ns"), "PodSecurity"),
        (Request("update", "deployments", "apps", namespace="ns"), "PodSecurity"),
        (Request("create", "pods", namespace="ns"), "ServiceAccount"),
        (Request("create", "pods", namespace="ns"), "LimitRanger, Priority, RuntimeClass"),
        (Request("patch", "pods", subresource="ephemeralcontainers", namespace="ns"), "PodSecurity"),
        (Request("get", "pods", subresource="exec", namespace="ns"), "create check of the handler"),
        (Request("create", "pods", subresource="eviction", namespace="ns"), "PodDisruptionBudget"),
        (Request("update", "certificatesigningrequests", CERTIFICATES, "approval"), "CertificateApproval"),
        (Request("patch", "certificatesigningrequests", CERTIFICATES, "status"), "CertificateSigning"),
        (Request("create", "certificatesigningrequests", CERTIFICATES), "CertificateSubjectRestriction"),
        (Request("create", "configmaps", namespace="ns"), "NamespaceLifecycle"),
        (Request("create", "configmaps", namespace="ns"), "ResourceQuota"),
        (Request("update", "configmaps", namespace="ns"), "OwnerReferencesPermissionEnforcement"),
        (Request("delete", "namespaces", name="default", namespace="default"), "NamespaceLifecycle"),
        (Request("delete", "secrets", namespace="ns"), OWN),
    ],
)
def test_what_bears_on_a_write(request_, wanted):
    """Each later check is named where it bears (NODE-60, ESC-04, ESC-31, ESC-52, ESC-54, ESC-60, ATTR-21), with when it refuses."""
    found = {check.name: check for check in later_checks(request_)}
    assert wanted in found
    assert found[wanted].refuses
    assert found[wanted].by_default == (wanted not in {"NodeRestriction", "OwnerReferencesPermissionEnforcement"})


@pytest.mark.parametrize(
    ("request_", "absent"),
    [
        (Request("update", "nodes", user="system:node:n1"), "NodeRestriction"),
        (Request("update", "nodes", user="n1", groups=("system:nodes",)), "NodeRestriction"),
        (Request("delete", "roles", RBAC, namespace="ns"), "RBAC escalation check"),
        (Request("create", "roles", "example.org", namespace="ns"), "RBAC escalation check"),
        (Request("create", "pods", subresource="exec", namespace="ns"), "create check of the handler"),
        (Request("create", "pods", subresource="eviction", namespace="ns"), "ServiceAccount"),
        (Request("create", "namespaces"), "ResourceQuota"),
        (Request("delete", "configmaps", namespace="ns"), "OwnerReferencesPermissionEnforcement"),
        (Request("create", "pods", "metrics.k8s.io", namespace="ns"), "ServiceAccount"),
    ],
)
def test_what_does_not_bear(request_, absent):
    """A check is not named where it cannot refuse (ESC-11: deleting roles needs no coverage)."""
    assert absent not in names(request_)


@given(strategies.requests())
def test_every_request_has_an_answer(request):
    """Whatever the request, the list is made, and each entry says when it refuses."""
    assert all(check.name and check.refuses for check in later_checks(request))
