"""What four other tools draw, and what of ours covers it: the ids of techniques, or the reason why there is none."""

from __future__ import annotations

Covered = tuple[str, ...] | str
"""Ids of techniques, or a reason in words."""

_EVIDENCE = "no hop: a binding, its role and the rules gathered into it are the evidence of every hop, and the bindings view draws them"
_SINK = "the node sink:cluster-admin, which HOLDS_EVERYTHING and others lead to"
_ONE_NODE = "the containers of a pod are one node: code in one is code in the pod"
_UNKNOWN = "whether an endpoint can be exploited is not in the input"
_NO_POWER = "no hop: it gives to somebody else what one holds already, and nothing new to anybody who attacks"
_COMPOSITE = "shown by the hops that it stands for: any account of a namespace is one node, with a hop to each"

_EXEC = ("EXEC_INTO_POD", "EXEC_VIA_GET_WEBSOCKET")
_ESCALATE = ("ESCALATE_CLUSTERROLE", "ESCALATE_ROLE")
_BIND = ("BIND_CLUSTER", "BIND_IN_NAMESPACE")
_IMPERSONATE = ("IMPERSONATE_USER", "IMPERSONATE_GROUP", "IMPERSONATE_SA", "IMPERSONATE_CONSTRAINED")
_CLOUD = ("CLOUD_IDENTITY_USE",)

PEERS: dict[str, dict[str, Covered]] = {
    "IceKube": {
        "BOUND_TO": _EVIDENCE,
        "GRANTS_PERMISSION": _EVIDENCE,
        "USES_ACCOUNT": ("USES_ACCOUNT",),
        "MOUNTS_SECRET": ("MOUNTS_SECRET",),
        "HOSTS_POD": ("HOSTED_ON",),
        "CREATE_POD_WITH_SA": ("CREATE_POD_AS_SA", "CREATE_WORKLOAD_AS_SA"),
        "CREATE_PRIVILEGED_WORKLOAD": ("CREATE_PRIVILEGED_POD",),
        "PATCH_NAMESPACE_TO_BYPASS_PSA": ("PATCH_NAMESPACE_PSA",),
        "UPDATE_WORKLOAD_WITH_SA": ("UPDATE_WORKLOAD_AS_SA",),
        "EXEC_INTO": ("EXEC_INTO_POD",),
        "REPLACE_IMAGE": ("PATCH_POD_IMAGE",),
        "DEBUG_POD": ("EPHEMERAL_CONTAINER",),
        "GET_AUTHENTICATION_TOKEN_FOR": ("READ_TOKEN_SECRET",),
        "ACCESS_SECRET": ("READ_SECRET",),
        "GENERATE_TOKEN": ("TOKEN_REQUEST",),
        "CREATE_SECRET_WITH_TOKEN": ("MINT_TOKEN_SECRET", "CREATE_POD_AS_SA"),
        "RBAC_ESCALATE_TO": _ESCALATE,
        "GENERATE_CLIENT_CERTIFICATE": ("CSR_APPROVE_CLIENT_CERT",),
        "CAN_IMPERSONATE": _IMPERSONATE,
        "IS_PRIVILEGED": ("POD_ESCAPE",),
        "CAN_CGROUP_BREAKOUT": ("POD_ESCAPE",),
        "CAN_LOAD_KERNEL_MODULES": ("POD_ESCAPE",),
        "CAN_ACCESS_DANGEROUS_HOST_PATH": ("POD_ESCAPE",),
        "CAN_NSENTER_HOST": ("POD_ESCAPE",),
        "CAN_ACCESS_HOST_FD": ("POD_ESCAPE",),
        "ACCESS_POD": ("NODE_ROOT_STEAL_TOKENS",),
        "CAN_EXEC_THROUGH_KUBELET": ("NODE_PROXY_EXEC",),
        "UPDATE_AWS_AUTH": ("AWS_AUTH_MAP",),
        "AZURE_POD_IDENTITY_EXCEPTION": ("AZURE_POD_IDENTITY_EXCEPTION",),
        "IS_CLUSTER_ADMIN": _SINK,
    },
    "KubeHound": {
        "PERMISSION_DISCOVER": _EVIDENCE,
        "IDENTITY_ASSUME": ("USES_ACCOUNT",),
        "POD_CREATE": ("CREATE_POD_AS_SA", "CREATE_PRIVILEGED_POD"),
        "POD_PATCH": ("PATCH_POD_IMAGE",),
        "POD_EXEC": _EXEC,
        "POD_ATTACH": ("ATTACH_POD",),
        "CONTAINER_ATTACH": ("ATTACH_POD",),
        "ROLE_BIND": _BIND,
        "TOKEN_LIST": ("READ_SECRET", "READ_TOKEN_SECRET"),
        "TOKEN_BRUTEFORCE": ("BRUTEFORCE_TOKEN_SECRET",),
        "TOKEN_STEAL": ("NODE_ROOT_STEAL_TOKENS",),
        "CE_MODULE_LOAD": ("POD_ESCAPE",),
        "CE_NSENTER": ("POD_ESCAPE",),
        "CE_PRIV_MOUNT": ("POD_ESCAPE",),
        "CE_SYS_PTRACE": ("POD_ESCAPE",),
        "CE_UMH_CORE_PATTERN": ("POD_ESCAPE",),
        "EXPLOIT_HOST_READ": ("POD_ESCAPE",),
        "EXPLOIT_HOST_TRAVERSE": ("POD_ESCAPE",),
        "EXPLOIT_HOST_WRITE": ("POD_ESCAPE",),
        "EXPLOIT_CONTAINERD_SOCK": ("POD_ESCAPE",),
        "CE_VAR_LOG_SYMLINK": ("NODE_LOG_READ",),
        "SHARE_PS_NAMESPACE": _ONE_NODE,
        "ENDPOINT_EXPLOIT": _UNKNOWN,
        "VOLUME_ACCESS": ("NODE_ROOT_STEAL_TOKENS", "HOSTED_ON"),
        "VOLUME_DISCOVER": ("MOUNTS_SECRET",),
        "IDENTITY_IMPERSONATE": _IMPERSONATE,
    },
    "rbac-police": {
        "assign_sa": ("CREATE_POD_AS_SA", "CREATE_WORKLOAD_AS_SA", "UPDATE_WORKLOAD_AS_SA"),
        "pods_exec": _EXEC,
        "pods_ephemeral_ctrs": ("EPHEMERAL_CONTAINER",),
        "modify_pods": ("PATCH_POD_IMAGE",),
        "token_request": ("TOKEN_REQUEST",),
        "list_secrets": ("READ_SECRET", "READ_TOKEN_SECRET"),
        "retrieve_token_secrets": ("READ_TOKEN_SECRET", "BRUTEFORCE_TOKEN_SECRET"),
        "issue_token_secrets": ("MINT_TOKEN_SECRET",),
        "impersonate": _IMPERSONATE,
        "bind_roles": _BIND,
        "escalate_roles": _ESCALATE,
        "approve_csrs": ("CSR_APPROVE_CLIENT_CERT",),
        "nodes_proxy": ("NODE_PROXY_EXEC",),
        "control_webhooks": ("MUTATING_WEBHOOK_TAMPER",),
        "eks_modify_aws_auth": ("AWS_AUTH_MAP",),
        "steal_pods": ("NODE_STEAL_POD",),
        "obtain_token_weak_ns": _COMPOSITE,
        "rce_weak_ns": _COMPOSITE,
        "providerIAM": _CLOUD,
    },
    "kubesplaining": {
        "modify_role_binding": _BIND,
        "bind_or_escalate": (*_BIND, *_ESCALATE),
        "delegate_own": _NO_POWER,
        "impersonate": _IMPERSONATE,
        "read_secrets": ("READ_SECRET",),
        "nodes_proxy": ("NODE_PROXY_EXEC", "NODE_PROXY_REDIRECT_SELF"),
        "pod_create_token_theft": ("CREATE_POD_AS_SA", "CREATE_WORKLOAD_AS_SA"),
        "pod_exec": _EXEC,
        "ephemeral_container_inject": ("EPHEMERAL_CONTAINER",),
        "token_request": ("TOKEN_REQUEST",),
        "mint_arbitrary_token": ("TOKEN_REQUEST",),
        "secret_mint_token": ("MINT_TOKEN_SECRET",),
        "node_drain_migrate": ("NODE_STEAL_POD",),
        "csr_approve": ("CSR_APPROVE_CLIENT_CERT",),
        "csr_sign": "signing takes the key of the authority besides, which no right in the cluster gives",
        "colocated_sa_token_theft": _COMPOSITE,
        "operator_reconcile": ("OPERATOR_RECONCILE", "GITOPS_APPLY"),
        "control_plane_pki_theft": ("CONTROL_PLANE_PKI",),
        "static_pod_admission_bypass": ("STATIC_POD_DROP",),
        "pod escapes": ("POD_ESCAPE",),
        "aws_iam_role": _CLOUD,
        "aws-auth": ("AWS_AUTH_MAP",),
        "imds": ("IMDS_NODE_ROLE",),
    },
}
