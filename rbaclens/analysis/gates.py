"""The gates around authorization: who gets in (authentication), and what may still refuse afterwards (admission).

Admission is named, not decided: which plug-ins bear on a request follows from its verb and resource; whether they refuse
depends on the object.
"""

from __future__ import annotations

import msgspec

from rbaclens.model.decision import Answer, Decision, Opinion, Verdict
from rbaclens.model.identity import NODE_PREFIX, NODES
from rbaclens.model.request import Request

AUTHENTICATION = "authentication"
READING = frozenset({"get", "list", "watch"})
CONNECTING = frozenset({"exec", "attach", "portforward", "proxy"})
RBAC_KINDS = frozenset({"roles", "clusterroles", "rolebindings", "clusterrolebindings"})
WORKLOADS = frozenset({"pods", "deployments", "daemonsets", "statefulsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs"})


class LaterCheck(msgspec.Struct, frozen=True):
    """A check behind authorization: its name, when it refuses, and whether a cluster has it without being configured so."""

    name: str
    refuses: str
    by_default: bool = True


def not_authenticated(request: Request) -> Decision:
    """The decision on a request without an identity where anonymous ones are turned off: it never meets an authorizer (ATTR-07)."""
    text = "401 Unauthorized: without anonymous authentication there is no such identity"
    return Decision(request, Answer.NO, Opinion(Verdict.NO_OPINION, AUTHENTICATION, text))


def later_checks(request: Request) -> tuple[LaterCheck, ...]:
    """What may still refuse an authorized ``request`` of Kubernetes 1.36, in no particular order; reads meet nothing."""
    if request.path is not None:
        return ()
    connecting = request.resource in {"pods", "services", "nodes"} and request.subresource in CONNECTING
    if request.verb in READING and not connecting:
        return ()
    found = [*_node(request), *_rbac(request), *_pods(request, connecting), *_certificates(request), *_namespace(request)]
    found.append(
        LaterCheck(
            "ValidatingAdmissionPolicy, ValidatingAdmissionWebhook, MutatingAdmissionWebhook", "whatever the cluster's own policies say"
        )
    )
    return tuple(found)


def _node(request: Request) -> list[LaterCheck]:
    if not request.user.startswith(NODE_PREFIX) or NODES not in request.groups:
        return []
    return [LaterCheck("NodeRestriction", "a node touching what is not its own (NODE-60 to NODE-67)", by_default=False)]


def _rbac(request: Request) -> list[LaterCheck]:
    if (
        request.api_group != "rbac.authorization.k8s.io"
        or request.resource not in RBAC_KINDS
        or request.verb not in {"create", "update", "patch"}
    ):
        return []
    return [LaterCheck("RBAC escalation check", "granting rights that the user does not hold, without escalate or bind (ESC-04, ESC-31)")]


def _pods(request: Request, connecting: bool) -> list[LaterCheck]:
    found = []
    creates = request.verb in {"create", "update", "patch"}
    if creates and not request.subresource and request.resource in WORKLOADS:
        found.append(LaterCheck("PodSecurity", "a pod beyond the namespace's Pod Security level (a workload's template only warns)"))
    if request.resource == "pods" and not request.api_group:
        if request.verb == "create" and not request.subresource:
            found.append(LaterCheck("ServiceAccount", "a pod whose service account does not exist"))
            found.append(
                LaterCheck("LimitRanger, Priority, RuntimeClass", "resources, priority or runtime class that the namespace does not allow")
            )
        if request.subresource == "ephemeralcontainers" and creates:
            found.append(LaterCheck("PodSecurity", "an ephemeral container beyond the namespace's Pod Security level"))
        if connecting and request.verb != "create":
            found.append(LaterCheck("create check of the handler", f"no right to create pods/{request.subresource} as well (ESC-60)"))
        if request.subresource == "eviction":
            found.append(LaterCheck("PodDisruptionBudget", "an eviction that a budget does not allow"))
    return found


def _certificates(request: Request) -> list[LaterCheck]:
    if request.api_group != "certificates.k8s.io" or request.resource != "certificatesigningrequests":
        return []
    table = {
        "approval": LaterCheck("CertificateApproval", "no right to approve for the signer (ESC-52)"),
        "status": LaterCheck("CertificateSigning", "no right to sign for the signer (ESC-52)"),
        "": LaterCheck("CertificateSubjectRestriction", "a client certificate for group system:masters (ATTR-21)"),
    }
    return [table[request.subresource]] if request.subresource in table else []


def _namespace(request: Request) -> list[LaterCheck]:
    found = []
    if request.verb == "create" and request.namespace and not request.subresource:
        found.append(LaterCheck("NamespaceLifecycle", "a namespace that does not exist or is being deleted"))
        found.append(LaterCheck("ResourceQuota", "more objects than the namespace's quota allows"))
    if request.verb in {"update", "patch"}:
        found.append(
            LaterCheck(
                "OwnerReferencesPermissionEnforcement", "owner references without delete and finalizers rights (ESC-54)", by_default=False
            )
        )
    if request.verb == "delete" and request.resource == "namespaces" and not request.api_group:
        found.append(LaterCheck("NamespaceLifecycle", "deleting default, kube-system or kube-public"))
    return found
