"""One example of each technique: who holds what, what else is there, and the hop that follows.

Every right and every object of an example is a precondition: the tests take each away in turn and expect the hop to be gone, unless
``spare`` names it. ``held`` says by whom the rights are held: mallory, or a service account.
"""

from __future__ import annotations

from typing import Any

import msgspec
from audit_rules import plain

Data = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
MALLORY = "user:mallory"
POD_USER = "sa:shop/web"


class Right(msgspec.Struct, frozen=True):
    """One rule: verbs and resources in words."""

    verbs: str
    resources: str
    group: str = ""
    names: str = ""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """Rights in a namespace (empty: everywhere), objects, and the target; ``source`` is the actor's node, or a fact's."""

    rights: tuple[Right, ...] = ()
    namespace: str = ""
    objects: tuple[Data, ...] = ()
    spare: tuple[Data, ...] = ()
    target: str
    source: str = MALLORY
    version: tuple[int, int] = (1, 36)
    instead: tuple[tuple[Data, ...], ...] = ()
    """Other sets of objects with which the hop is not there."""


def pod(name: str = "web", *, namespace: str = "shop", node: str = "n1", **spec: Any) -> Data:
    """A pod under the account web."""
    found = {"serviceAccountName": "web", "nodeName": node, "containers": [{"name": "c"}], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": found}


def controller(kind: str, name: str = "web", *, namespace: str = "shop", **spec: Any) -> Data:
    """A controller of the apps group."""
    template = {"spec": {"serviceAccountName": "web", "containers": [{"name": "c"}], **spec}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": {"template": template}}


def secret(name: str, kind: str = "Opaque", account: str = "") -> Data:
    """A secret of shop; what is in it is never read."""
    meta: Data = {"name": name, "namespace": "shop"}
    if account:
        meta["annotations"] = {"kubernetes.io/service-account.name": account}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": kind, "data": {"token": "c2VjcmV0"}}


def mounting(path: str, read_only: bool = False) -> Data:
    """The part of a pod that mounts a folder of its node."""
    mount = {"name": "v", "mountPath": "/x", "readOnly": read_only}
    return {"volumes": [{"name": "v", "hostPath": {"path": path}}], "containers": [{"name": "c", "volumeMounts": [mount]}]}


def privileged(**more: Any) -> Data:
    """The part of a pod that makes its container privileged."""
    return {"containers": [{"name": "c", "securityContext": {"privileged": True, **more}}]}


def namespace(level: str = "") -> Data:
    """The namespace shop."""
    return plain("Namespace", "shop", labels={"pod-security.kubernetes.io/enforce": level} if level else None)


def knows(api_group: str) -> list[Data]:
    """Somebody else's role that names an API group."""
    rules = [{"apiGroups": [api_group], "resources": ["things"], "verbs": ["get"]}]
    return [{"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": f"reads-{api_group}"}, "rules": rules}]


ACCOUNT = plain("ServiceAccount", "web", "shop")
OTHER = plain("ServiceAccount", "other", "shop")
CONTROL_PLANE = plain("Node", "n1", labels={"node-role.kubernetes.io/control-plane": ""})
NODE = plain("Node", "n1")
CRB = "clusterrolebindings"
CSR = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
AUTHN = "authentication.k8s.io"
BINDING = {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding"}
EXEC_POD = pod()
_POD_ONLY = (pod(),)
_SHOP = "shop"


def _dangling() -> Data:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": "gone", "namespace": "shop"}
    meta = {"name": "kept", "namespace": "shop"}
    return {**BINDING, "metadata": meta, "subjects": [subject], "roleRef": ref}


def _bind_user(name: str, role: str = "view") -> Data:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    subject = {"kind": "User", "name": name, "apiGroup": RBAC}
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name}, "subjects": [subject], "roleRef": ref}


def _bind_group(name: str) -> Data:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "Group", "name": name, "apiGroup": RBAC}
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name}, "subjects": [subject], "roleRef": ref}


def _sa(annotations: dict[str, str] | None = None, **more: Any) -> Data:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
        **more,
    }


def _bound_account(name: str) -> Data:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": "shop"}
    return {**BINDING, "metadata": {"name": f"of-{name}", "namespace": "shop"}, "subjects": [subject], "roleRef": ref}


_BOOTSTRAP = "bootstrap.kubernetes.io/token"
_TOKEN = "kubernetes.io/service-account-token"
ARGO = knows("argoproj.io")[0]
TEKTON = knows("tekton.dev")[0]
VELERO = knows("velero.io")[0]
_LABELLED = plain("Node", "n1", labels={"eks.amazonaws.com/nodegroup": "a"})

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "MEMBER_OF": (Example(rights=(Right("get", "secrets"),), source=MALLORY, target="group:system:authenticated"),),
    "SYSTEM_MASTERS": (Example(source="group:system:masters", target="sink:cluster-admin"),),
    "ANY_OF_ALL": (
        Example(objects=(ACCOUNT,), source="accounts:shop", target="sa:shop/web"),
        Example(objects=(EXEC_POD,), source="pods:shop", target="pod:shop/web"),
        Example(objects=(NODE,), source="machine:*", target="machine:n1"),
        Example(objects=(secret("s"),), source="secrets:shop", target="secret:shop/s"),
    ),
    "ANY_IDENTITY": (
        Example(rights=(Right("impersonate", "users"),), objects=(_bind_user("carol"),), source="identity:user", target="user:carol"),
        Example(
            rights=(
                Right("create", "certificatesigningrequests", CSR),
                Right("update", "certificatesigningrequests/approval", CSR),
                Right("approve", "signers", CSR),
            ),
            objects=(_bind_group("admins"),),
            source="identity:any",
            target="group:admins",
        ),
    ),
    "ANY_ROLE": (
        Example(
            rights=(Right("bind", "roles", RBAC), Right("create", "rolebindings", RBAC)),
            objects=({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "r", "namespace": "shop"}, "rules": []},),
            source="roles:*",
            target="roles:shop",
        ),
    ),
    "USES_ACCOUNT": (
        Example(objects=(EXEC_POD,), source="pod:shop/web", target=POD_USER, instead=((pod(automountServiceAccountToken=False),),)),
        Example(
            objects=(EXEC_POD,),
            spare=(ACCOUNT,),
            source="pod:shop/web",
            target=POD_USER,
            instead=((pod(), _sa(automountServiceAccountToken=False)),),
        ),
        Example(objects=(_bound_account("web"),), source="pods:shop", target=POD_USER, instead=((_bound_account("web"), pod("x")),)),
    ),
    "MOUNTS_SECRET": (
        Example(
            objects=(pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]),),
            source="pod:shop/web",
            target="secret:shop/s",
            instead=((pod(), secret("s")),),
        ),
        Example(objects=(pod(imagePullSecrets=[{"name": "s"}]),), source="pod:shop/web", target="secret:shop/s"),
    ),
    "HOSTED_ON": (
        Example(objects=(EXEC_POD,), source="machine:n1", target="pod:shop/web", instead=((pod(node="n2"),),)),
        Example(
            objects=(controller("DaemonSet"), NODE),
            source="machine:n1",
            target="pod:shop/DaemonSet/web",
            instead=((controller("Deployment"), NODE),),
        ),
        Example(objects=(controller("Deployment"),), source="machine:*", target="pod:shop/Deployment/web"),
    ),
    "CREATE_POD_AS_SA": (Example(rights=(Right("create", "pods"),), namespace=_SHOP, target="accounts:shop"),),
    "CREATE_WORKLOAD_AS_SA": (
        Example(rights=(Right("create", "deployments", "apps"),), namespace=_SHOP, target="accounts:shop"),
        Example(rights=(Right("create", "jobs", "batch"),), target="accounts:*"),
    ),
    "UPDATE_WORKLOAD_AS_SA": (
        Example(
            rights=(Right("patch", "daemonsets", "apps"),),
            namespace=_SHOP,
            target="accounts:shop",
            instead=((controller("Deployment", namespace="x"),),),
        ),
        Example(
            rights=(Right("patch", "deployments", "apps", "web"),),
            objects=(controller("Deployment"),),
            spare=(controller("Deployment", "y", namespace="y"),),
            target="accounts:shop",
        ),
    ),
    "CREATE_PRIVILEGED_POD": (
        Example(
            rights=(Right("create", "pods"),),
            namespace=_SHOP,
            target="machine:*",
            instead=((namespace("baseline"),), (namespace("restricted"),)),
        ),
    ),
    "PATCH_NAMESPACE_PSA": (
        Example(
            rights=(Right("patch", "namespaces"), Right("create", "pods")),
            namespace=_SHOP,
            objects=(namespace("restricted"),),
            target="machine:*",
            instead=((namespace("privileged"),),),
        ),
        Example(
            rights=(Right("update", "namespaces", "", "shop"), Right("create", "cronjobs", "batch")),
            objects=(namespace("baseline"),),
            target="machine:*",
        ),
    ),
    "EXEC_INTO_POD": (
        Example(rights=(Right("create", "pods/exec"),), namespace=_SHOP, target="pods:shop"),
        Example(
            rights=(Right("create", "pods/exec", "", "web"),),
            objects=(EXEC_POD,),
            namespace=_SHOP,
            target="pod:shop/web",
            instead=((pod("other"),),),
        ),
    ),
    "EXEC_VIA_GET_WEBSOCKET": (Example(rights=(Right("get", "pods/exec"),), namespace=_SHOP, target="pods:shop", version=(1, 34)),),
    "ATTACH_POD": (Example(rights=(Right("create", "pods/attach"),), namespace=_SHOP, target="pods:shop"),),
    "EPHEMERAL_CONTAINER": (Example(rights=(Right("patch", "pods/ephemeralcontainers"),), namespace=_SHOP, target="pods:shop"),),
    "PATCH_POD_IMAGE": (
        Example(rights=(Right("patch", "pods"),), namespace=_SHOP, target="pods:shop"),
        Example(rights=(Right("update", "pods", "", "web"),), objects=(EXEC_POD,), target="pod:shop/web"),
    ),
    "NODE_STEAL_POD": (
        Example(rights=(Right("delete", "pods"), Right("patch", "nodes/status")), objects=(EXEC_POD,), source=POD_USER, target="pods:*"),
    ),
    "TOKEN_REQUEST": (
        Example(rights=(Right("create", "serviceaccounts/token"),), namespace=_SHOP, target="accounts:shop"),
        Example(
            rights=(Right("create", "serviceaccounts/token", "", "web"),),
            namespace=_SHOP,
            objects=(ACCOUNT,),
            spare=(OTHER,),
            target=POD_USER,
        ),
    ),
    "READ_TOKEN_SECRET": (
        Example(objects=(secret("t", _TOKEN, "web"), ACCOUNT), source="secret:shop/t", target=POD_USER, instead=((secret("t"), ACCOUNT),)),
        Example(
            objects=(_sa(secrets=[{"name": "web-token-abcde"}]),),
            source="secret:shop/web-token-abcde",
            target=POD_USER,
            instead=((_sa(),),),
        ),
        Example(objects=(secret("b", _BOOTSTRAP),), source="secret:shop/b", target="group:system:bootstrappers"),
        Example(objects=(namespace(),), source="secrets:shop", target="accounts:shop", version=(1, 23)),
    ),
    "BRUTEFORCE_TOKEN_SECRET": (
        Example(rights=(Right("get", "secrets"),), namespace=_SHOP, target="accounts:shop", version=(1, 23)),
        Example(rights=(Right("get", "secrets"),), namespace=_SHOP, objects=(_sa(secrets=[{"name": "web-token-abcde"}]),), target=POD_USER),
    ),
    "READ_SECRET": (
        Example(rights=(Right("list", "secrets"),), namespace=_SHOP, target="secrets:shop"),
        Example(rights=(Right("get", "secrets", "", "s"),), namespace=_SHOP, target="secret:shop/s"),
        Example(rights=(Right("get", "secrets", "", "s"),), objects=(secret("s"),), target="secret:shop/s"),
    ),
    "READ_BY_WRITE_VERB": (
        Example(rights=(Right("deletecollection", "secrets"),), namespace=_SHOP, target="secrets:shop"),
        Example(rights=(Right("patch", "secrets", "", "s"),), namespace=_SHOP, target="secret:shop/s"),
    ),
    "MINT_TOKEN_SECRET": (
        Example(rights=(Right("create", "secrets"), Right("get", "secrets")), namespace=_SHOP, target="accounts:shop"),
        Example(rights=(Right("create", "secrets"), Right("patch", "secrets", "", "x")), namespace=_SHOP, target="accounts:shop"),
    ),
    "MOUNT_SECRET_VIA_POD": (Example(rights=(Right("patch", "statefulsets", "apps"),), namespace=_SHOP, target="secrets:shop"),),
    "IMPERSONATE_USER": (
        Example(rights=(Right("impersonate", "users"),), target="identity:user"),
        Example(rights=(Right("impersonate", "users", "", "carol"),), objects=(_bind_user("carol"),), target="user:carol"),
    ),
    "IMPERSONATE_GROUP": (
        Example(rights=(Right("impersonate", "groups"), Right("impersonate", "users")), target="sink:system:masters"),
        Example(
            rights=(Right("impersonate", "groups", "", "admins"), Right("impersonate", "serviceaccounts", "", "x")),
            objects=(_bind_group("admins"),),
            target="group:admins",
        ),
        Example(rights=(Right("impersonate", "groups", "", "system:masters"), Right("impersonate", "users")), target="sink:system:masters"),
    ),
    "IMPERSONATE_SA": (
        Example(rights=(Right("impersonate", "serviceaccounts"),), namespace=_SHOP, target="accounts:shop"),
        Example(
            rights=(Right("impersonate", "serviceaccounts", "", "gone"),), objects=(_dangling(),), spare=(OTHER,), target="sa:shop/gone"
        ),
    ),
    "IMPERSONATE_CONSTRAINED": (
        Example(
            rights=(Right("impersonate:user-info", "users", AUTHN, "carol"), Right("impersonate-on:user-info:get", "secrets")),
            objects=(_bind_user("carol", "cluster-admin"),),
            target="user:mallory ~ alone:carol",
            instead=((_bind_user("carol"),),),
        ),
        Example(
            rights=(Right("impersonate:serviceaccount", "serviceaccounts", AUTHN), Right("impersonate-on:serviceaccount:create", "*")),
            objects=({**_bound_account("web"), "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "admin"}},),
            target="user:mallory ~ sa:shop/web",
        ),
    ),
    "CLAIM_DANGLING_SA": (
        Example(
            rights=(Right("create", "serviceaccounts"), Right("create", "serviceaccounts/token")),
            namespace=_SHOP,
            objects=(_dangling(), OTHER),
            target="sa:shop/gone",
        ),
    ),
    "HOLDS_EVERYTHING": (Example(rights=(Right("*", "*", "*"),), target="sink:cluster-admin"),),
    "BIND_CLUSTER": (
        Example(rights=(Right("bind", "clusterroles", RBAC), Right("create", CRB, RBAC)), target="sink:cluster-admin"),
        Example(rights=(Right("bind", "clusterroles", RBAC, "cluster-admin"), Right("create", CRB, RBAC)), target="sink:cluster-admin"),
        Example(
            rights=(Right("bind", "clusterroles", RBAC, "edit"), Right("create", CRB, RBAC)),
            target="user:mallory + ClusterRole/edit@everywhere",
        ),
        Example(rights=(Right("bind", "clusterroles", RBAC), Right("patch", CRB, RBAC, "cluster-admin")), target="sink:cluster-admin"),
    ),
    "BIND_IN_NAMESPACE": (
        Example(
            rights=(Right("bind", "clusterroles", RBAC), Right("create", "rolebindings", RBAC)),
            namespace=_SHOP,
            target="namespace-admin:shop",
        ),
        Example(
            rights=(Right("bind", "clusterroles", RBAC, "edit"), Right("create", "rolebindings", RBAC)),
            namespace=_SHOP,
            target="user:mallory + ClusterRole/edit@shop",
        ),
        Example(
            rights=(Right("bind", "clusterroles", RBAC), Right("patch", "rolebindings", RBAC)),
            namespace=_SHOP,
            objects=({**_dangling(), "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "edit"}},),
            target="user:mallory + ClusterRole/edit@shop",
        ),
    ),
    "ESCALATE_CLUSTERROLE": (
        Example(rights=(Right("escalate", "clusterroles", RBAC), Right("patch", "clusterroles", RBAC)), target="sink:cluster-admin"),
        Example(
            rights=(Right("escalate", "clusterroles", RBAC, "tried"), Right("update", "clusterroles", RBAC, "tried")),
            target="sink:cluster-admin",
        ),
    ),
    "ESCALATE_ROLE": (
        Example(
            rights=(
                Right("escalate", "roles", RBAC),
                Right("patch", "roles", RBAC),
                Right("create", "roles", RBAC),
                Right("create", "rolebindings", RBAC),
            ),
            target="namespace-admin:*",
        ),
    ),
    "CSR_APPROVE_CLIENT_CERT": (
        Example(
            rights=(
                Right("create", "certificatesigningrequests", CSR),
                Right("update", "certificatesigningrequests/approval", CSR, "mine"),
                Right("approve", "signers", CSR, "kubernetes.io/kube-apiserver-client"),
            ),
            target="identity:any",
        ),
    ),
    "NODE_PROXY_EXEC": (
        Example(rights=(Right("get", "nodes/proxy"),), target="pods:*"),
        Example(
            rights=(Right("create", "nodes/proxy", "", "n1"),), objects=(EXEC_POD,), target="pod:shop/web", instead=((pod(node="n2"),),)
        ),
    ),
    "NODE_PROXY_REDIRECT_SELF": (
        Example(rights=(Right("get", "nodes/proxy"), Right("patch", "nodes/status")), target="sink:cluster-admin"),
    ),
    "NODE_LOG_READ": (
        Example(
            rights=(Right("get", "nodes/log"),),
            objects=(pod(**mounting("/var/log")),),
            source=POD_USER,
            target="machine:n1",
            instead=((pod(**mounting("/var/log", read_only=True)),),),
        ),
    ),
    "NODE_ROOT_STEAL_TOKENS": (
        Example(objects=(EXEC_POD,), source="machine:n1", target=POD_USER, instead=((pod(automountServiceAccountToken=False),),)),
    ),
    "NODE_ROOT_KUBELET_IDENTITY": (Example(objects=(NODE,), source="machine:n1", target="node:n1"),),
    "NODE_AUTHORIZER": (Example(objects=(EXEC_POD,), source="node:n1", target=POD_USER, instead=((pod(node="n2"),),)),),
    "CONTROL_PLANE_PKI": (Example(objects=(CONTROL_PLANE,), source="machine:n1", target="sink:cluster-admin", instead=((NODE,),)),),
    "STATIC_POD_DROP": (
        Example(
            objects=(pod(**mounting("/etc/kubernetes/manifests")),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(**mounting("/etc/kubernetes/manifests", read_only=True)),),),
        ),
    ),
    "POD_ESCAPE": (
        Example(
            objects=(pod(**privileged()),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(),), (pod(**privileged(), hostUsers=False),)),
        ),
        Example(
            objects=(pod(containers=[{"name": "c", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}]),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(containers=[{"name": "c", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}]),),),
        ),
        Example(
            objects=(pod(hostPID=True, containers=[{"name": "c", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(containers=[{"name": "c", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]),),),
        ),
        Example(
            objects=(pod(**mounting("/", read_only=True)),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(**mounting("/var/lib/app")),), (pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),)),
        ),
        Example(objects=(pod(**mounting("/var/run/docker.sock")),), source="pod:shop/web", target="machine:n1"),
        Example(
            objects=(pod(**mounting("/proc")),),
            source="pod:shop/web",
            target="machine:n1",
            instead=((pod(**mounting("/proc", read_only=True)),),),
        ),
        Example(objects=(pod(securityContext={"windowsOptions": {"hostProcess": True}}),), source="pod:shop/web", target="machine:n1"),
        Example(objects=(controller("DaemonSet", **privileged()),), source="pod:shop/DaemonSet/web", target="machine:*"),
        Example(objects=(controller("Deployment", **privileged()),), source="pod:shop/Deployment/web", target="machine:?"),
        Example(
            objects=(
                pod(
                    volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
                    containers=[{"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/x"}]}],
                ),
                {
                    "apiVersion": "v1",
                    "kind": "PersistentVolume",
                    "metadata": {"name": "p"},
                    "spec": {"claimRef": {"namespace": "shop", "name": "c"}, "hostPath": {"path": "/etc"}},
                },
            ),
            source="pod:shop/web",
            target="machine:n1",
        ),
    ),
    "CREATE_PV_HOSTPATH": (
        Example(
            rights=(Right("create", "persistentvolumes"), Right("create", "persistentvolumeclaims"), Right("create", "pods")),
            target="machine:*",
        ),
    ),
    "MUTATING_WEBHOOK_TAMPER": (Example(rights=(Right("patch", "mutatingwebhookconfigurations", ADMISSION, "x"),), target="accounts:*"),),
    "ADMISSION_BYPASS": (
        Example(rights=(Right("delete", "validatingadmissionpolicybindings", ADMISSION),), target="sink:admission-bypass"),
    ),
    "MUTATING_ADMISSION_POLICY": (
        Example(
            rights=(Right("create", "mutatingadmissionpolicies", ADMISSION), Right("create", "mutatingadmissionpolicybindings", ADMISSION)),
            target="accounts:*",
        ),
    ),
    "AWS_AUTH_MAP": (
        Example(rights=(Right("patch", "configmaps"),), namespace="kube-system", objects=(_LABELLED,), target="sink:system:masters"),
        Example(rights=(Right("update", "configmaps", "", "aws-auth"),), target="sink:system:masters"),
    ),
    "CLOUD_IDENTITY_USE": (
        Example(
            objects=(_sa({"eks.amazonaws.com/role-arn": "arn:a"}),), source=POD_USER, target="sink:cloud:aws:arn:a", instead=((_sa(),),)
        ),
    ),
    "IMDS_NODE_ROLE": (
        Example(objects=(_LABELLED,), source="machine:n1", target="sink:cloud:aws:the role of node n1", instead=((NODE,),)),
        Example(
            objects=(_LABELLED, pod(hostNetwork=True)),
            source="pod:shop/web",
            target="sink:cloud:aws:the role of node n1",
            instead=((_LABELLED, pod()),),
        ),
    ),
    "AZURE_POD_IDENTITY_EXCEPTION": (
        Example(
            rights=(Right("create", "*", "*"),),
            objects=tuple(knows("aadpodidentity.k8s.io")),
            target="sink:cloud:azure:the identities of the nodes",
        ),
    ),
    "GITOPS_APPLY": (
        Example(rights=(Right("create", "*", "*"),), objects=(ARGO,), target="sink:cluster-admin"),
        Example(
            rights=(Right("patch", "applications", "argoproj.io"),),
            objects=(plain("ServiceAccount", "argocd-application-controller", "argocd"),),
            target="sa:argocd/argocd-application-controller",
        ),
    ),
    "OPERATOR_RECONCILE": (
        Example(rights=(Right("create", "*", "*"),), objects=(VELERO,), target="sink:cluster-admin"),
        Example(rights=(Right("create", "taskruns", "tekton.dev"),), namespace=_SHOP, target="accounts:shop"),
        Example(rights=(Right("create", "machineconfigs", "machineconfiguration.openshift.io"),), target="machine:*"),
        Example(rights=(Right("create", "clusterpolicies", "kyverno.io"),), target="sink:admission-bypass"),
    ),
}
