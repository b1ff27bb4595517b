"""Every technique, in the order of the catalogue. A technique's module is imported when the graph is built."""

from __future__ import annotations

from importlib import import_module

from rbaclens.graph.attack.technique import Fact, Technique

FAMILIES: dict[str, tuple[str, ...]] = {
    "structure": (
        "MEMBER_OF",
        "SYSTEM_MASTERS",
        "ANY_OF_ALL",
        "ANY_IDENTITY",
        "ANY_ROLE",
        "USES_ACCOUNT",
        "MOUNTS_SECRET",
        "HOSTED_ON",
    ),
    "pods and workloads": (
        "CREATE_POD_AS_SA",
        "CREATE_WORKLOAD_AS_SA",
        "UPDATE_WORKLOAD_AS_SA",
        "CREATE_PRIVILEGED_POD",
        "PATCH_NAMESPACE_PSA",
        "EXEC_INTO_POD",
        "EXEC_VIA_GET_WEBSOCKET",
        "ATTACH_POD",
        "EPHEMERAL_CONTAINER",
        "PATCH_POD_IMAGE",
        "NODE_STEAL_POD",
    ),
    "credentials and identity": (
        "TOKEN_REQUEST",
        "READ_TOKEN_SECRET",
        "BRUTEFORCE_TOKEN_SECRET",
        "READ_SECRET",
        "READ_BY_WRITE_VERB",
        "MINT_TOKEN_SECRET",
        "MOUNT_SECRET_VIA_POD",
        "IMPERSONATE_USER",
        "IMPERSONATE_GROUP",
        "IMPERSONATE_SA",
        "IMPERSONATE_CONSTRAINED",
        "CLAIM_DANGLING_SA",
    ),
    "RBAC and certificates": (
        "HOLDS_EVERYTHING",
        "BIND_CLUSTER",
        "BIND_IN_NAMESPACE",
        "ESCALATE_CLUSTERROLE",
        "ESCALATE_ROLE",
        "CSR_APPROVE_CLIENT_CERT",
    ),
    "nodes": (
        "NODE_PROXY_EXEC",
        "NODE_PROXY_REDIRECT_SELF",
        "NODE_LOG_READ",
        "NODE_ROOT_STEAL_TOKENS",
        "NODE_ROOT_KUBELET_IDENTITY",
        "NODE_AUTHORIZER",
        "CONTROL_PLANE_PKI",
        "STATIC_POD_DROP",
        "POD_ESCAPE",
        "CREATE_PV_HOSTPATH",
    ),
    "the API server and admission": (
        "MUTATING_WEBHOOK_TAMPER",
        "ADMISSION_BYPASS",
        "MUTATING_ADMISSION_POLICY",
    ),
    "clouds, GitOps and operators": (
        "AWS_AUTH_MAP",
        "CLOUD_IDENTITY_USE",
        "IMDS_NODE_ROLE",
        "AZURE_POD_IDENTITY_EXCEPTION",
        "GITOPS_APPLY",
        "OPERATOR_RECONCILE",
    ),
}
"""The ids by the catalogue's headings."""
TECHNIQUES = tuple(one for ids in FAMILIES.values() for one in ids)


def load_technique(name: str) -> Technique | Fact:
    """The technique of an id."""
    found = import_module(f"rbaclens.graph.attack.techniques.{name.lower()}").TECHNIQUE
    assert isinstance(found, (Technique, Fact))  # noqa: S101
    return found


def why(name: str) -> str:
    """Why a technique works, in words: what its module says."""
    text = import_module(f"rbaclens.graph.attack.techniques.{name.lower()}").__doc__ or ""
    return text.partition(": ")[2].strip()


def load_techniques(version: tuple[int, int]) -> tuple[Technique | Fact, ...]:
    """The techniques that work on an API server of this version, in order."""
    return tuple(one for one in map(load_technique, TECHNIQUES) if one.since <= version <= one.until)
