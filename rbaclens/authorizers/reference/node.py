"""The node authorizer as plain definitions, read from the objects anew for every request.

No graph and no table: "this node needs that object" is said kind by kind, and what a pod refers to is found by walking all
of its spec instead of knowing its fields. Only the model, the matching and the list of static rules are shared with ``node``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rbaclens.authorizers.matching import rule_allows
from rbaclens.authorizers.node_rules import STATIC_RULES
from rbaclens.model.decision import Opinion, Verdict
from rbaclens.model.request import Request
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Pod

READ = ("get", "list", "watch")
OWN = ("get", "create", "update", "patch", "delete")


def decide_node(objects: NodeGraphObjects, request: Request) -> Opinion:
    """The node authorizer's opinion, without evidence."""
    answer = _answer(objects, request)
    if answer is None:
        return Opinion(Verdict.ALLOW, "node")
    return Opinion(Verdict.NO_OPINION, "node", answer)


def _answer(objects: NodeGraphObjects, request: Request) -> str | None:
    """``None`` to allow, else the reason not to (NODE-01 to NODE-04)."""
    if not request.user.startswith("system:node:") or "system:nodes" not in request.groups:
        return ""
    node = request.user.removeprefix("system:node:")
    if node == "":
        return 'unknown node for user "system:node:"'
    if request.path is None:
        match request.api_group, request.resource:
            case "", "secrets" | "configmaps":
                return _read(objects, node, request)
            case "", "persistentvolumeclaims" if request.subresource == "status":
                return _update_claim_status(objects, node, request)
            case (
                ("", "persistentvolumeclaims" | "persistentvolumes")
                | ("resource.k8s.io", "resourceclaims")
                | ("storage.k8s.io", "volumeattachments")
            ):
                return _get(objects, node, request)
            case "", "serviceaccounts":
                return _service_account(objects, node, request)
            case "coordination.k8s.io", "leases":
                return _lease(node, request)
            case "storage.k8s.io", "csinodes":
                return _csi_node(node, request)
            case "resource.k8s.io", "resourceslices":
                return _slice(objects, node, request)
            case "", "nodes":
                return _node(node, request)
            case "", "pods":
                return _pod(objects, node, request)
    return None if any(rule_allows(rule, request) for _, rule in STATIC_RULES) else ""


def _read(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-16."""
    if request.verb not in READ:
        return "can only read resources of this type"
    if request.subresource != "":
        return "cannot read subresource"
    if request.namespace == "":
        return "can only read namespaced object of this type"
    return _check(objects, node, request)


def _update_claim_status(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-17, first sentence."""
    return _check(objects, node, request) if request.verb in ("update", "patch") else "can only get/update/patch this type"


def _get(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-17, last sentence, and NODE-18."""
    if request.verb != "get":
        return "can only get individual resources of this type"
    return "cannot get subresource" if request.subresource != "" else _check(objects, node, request)


def _service_account(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-19."""
    if request.verb == "get" and request.subresource == "":
        return _read(objects, node, request)
    if request.verb != "create" or request.name == "":
        return "can only create tokens for individual service accounts"
    return _check(objects, node, request) if request.subresource == "token" else "can only create token subresource of serviceaccount"


def _lease(node: str, request: Request) -> str | None:
    """NODE-20."""
    if request.verb not in OWN:
        return "can only get, create, update, patch, or delete a node lease"
    if request.namespace != "kube-node-lease":
        return 'can only access leases in the "kube-node-lease" system namespace'
    if request.verb == "create" or request.name == node:
        return None
    return "can only access node lease with the same name as the requesting node"


def _csi_node(node: str, request: Request) -> str | None:
    """NODE-21."""
    if request.verb not in OWN:
        return "can only get, create, update, patch, or delete a CSINode"
    if request.subresource != "":
        return "cannot authorize CSINode subresources"
    if request.verb == "create" or request.name == node:
        return None
    return "can only access CSINode with the same name as the requesting node"


def _slice(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-22."""
    if request.subresource != "":
        return "cannot authorize ResourceSlice subresources"
    match request.verb:
        case "create":
            return None
        case "get" | "update" | "patch" | "delete":
            return _check(objects, node, request)
        case "list" | "watch" | "deletecollection":
            if _selects(node, request):
                return None
            return "can only list/watch/deletecollection resourceslices with nodeName field selector"
    verbs = "get, watch, list, create, update, patch, delete, deletecollection"
    return f"only the following verbs are allowed for a ResourceSlice: {verbs}"


def _node(node: str, request: Request) -> str | None:
    """NODE-23."""
    match request.subresource, request.verb:
        case ("", "create" | "update" | "patch") | ("status", "update" | "patch"):
            return None
        case "", "get" | "list" | "watch":
            if request.name == node:
                return None
            if request.name == "":
                return f"node '{node}' cannot read all nodes, only its own Node object"
            return f"node '{node}' cannot read '{request.name}', only its own Node object"
    return ""


def _pod(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-24."""
    match request.subresource, request.verb:
        case ("", "create" | "delete") | ("status", "update" | "patch") | ("eviction", "create"):
            return None
        case "", "get":
            return _check(objects, node, request)
        case "", "list" | "watch":
            if _selects(node, request):
                return None
            return "can only list/watch pods with spec.nodeName field selector" if request.name == "" else _check(objects, node, request)
    return ""


def _selects(node: str, request: Request) -> bool:
    """NODE-26."""
    return ("spec.nodeName", "=", node) in [(f.key, f.operator, f.value) for f in request.field_selector]


def _check(objects: NodeGraphObjects, node: str, request: Request) -> str | None:
    """NODE-08."""
    if request.name == "":
        return "No Object name found"
    if needs(objects, node, request.resource, request.namespace, request.name):
        return None
    return f"no relationship found between node '{node}' and this object"


def needs(objects: NodeGraphObjects, node: str, resource: str, namespace: str, name: str) -> bool:
    """Whether an object is needed on a node (NODE-06, NODE-09, NODE-13)."""
    pods = [placed.obj for placed in objects.pods if placed.obj.spec.node_name == node]
    volumes = [placed.obj for placed in objects.persistent_volumes]
    match resource:
        case "pods":
            return any((pod.metadata.namespace, pod.metadata.name) == (namespace, name) for pod in pods)
        case "persistentvolumes":
            return namespace == "" and any(
                volume.metadata.name == name
                and volume.spec.claim_ref is not None
                and needs(objects, node, "persistentvolumeclaims", volume.spec.claim_ref.namespace, volume.spec.claim_ref.name)
                for volume in volumes
            )
        case "secrets":
            from_volume = any(
                (namespace, name) in _secrets_of_volume(volume) and needs(objects, node, "persistentvolumes", "", volume.metadata.name)
                for volume in volumes
            )
            return from_volume or any(_refers(pod, resource, namespace, name) for pod in pods)
        case "volumeattachments":
            attachments = [placed.obj for placed in objects.volume_attachments]
            return namespace == "" and any((a.metadata.name, a.spec.node_name) == (name, node) for a in attachments)
        case "resourceslices":
            slices = [placed.obj for placed in objects.resource_slices]
            return namespace == "" and any((s.metadata.name, s.spec.node_name) == (name, node) for s in slices)
    return any(_refers(pod, resource, namespace, name) for pod in pods)


def _refers(pod: Pod, resource: str, namespace: str, name: str) -> bool:
    """NODE-10, NODE-14: whether a pod refers to an object of its namespace."""
    if "kubernetes.io/config.mirror" in pod.metadata.annotations or pod.metadata.namespace != namespace or name == "":
        return False
    spec = msgspec.to_builtins(pod.spec)
    match resource:
        case "serviceaccounts":
            return name == pod.spec.service_account_name
        case "resourceclaims":
            return name in _claims_of_pod(pod)
        case "persistentvolumeclaims":
            return name in [f"{pod.metadata.name}-{v.name}" for v in pod.spec.volumes if v.ephemeral is not None] + list(
                _found(spec, "claimName")
            )
        case "configmaps":
            keys = ("configMapKeyRef", "configMapRef", "configMap")
            return name in [ref.get("name") for key in keys for ref in _found(spec, key)]
    refs = [ref for key in ("secretKeyRef", "secretRef", "nodePublishSecretRef", "secret") for ref in _found(spec, key)]
    pulls = [ref for refs in _found(spec, "imagePullSecrets") for ref in refs]
    return name in [ref.get("name") for ref in refs + pulls] or name in list(_found(spec, "secretName"))


def _claims_of_pod(pod: Pod) -> list[str | None]:
    """The resource claims of a pod: by name, recorded for a template, or made for extended resources."""
    claims: list[str | None] = [claim.resource_claim_name for claim in pod.spec.resource_claims]
    recorded = {status.name: status.resource_claim_name for status in reversed(pod.status.resource_claim_statuses)}
    for claim in pod.spec.resource_claims:
        if claim.resource_claim_name is None and claim.resource_claim_template_name is not None:
            claims.append(recorded.get(claim.name))
    extended = pod.status.extended_resource_claim_status
    return [*claims, extended.resource_claim_name] if extended is not None else claims


def _secrets_of_volume(volume: PersistentVolume) -> set[tuple[str, str]]:
    """Namespace and name of the secrets that the kubelet needs for a volume with a claim."""
    spec = volume.spec
    if spec.claim_ref is None:
        return set()
    found: set[tuple[str, str]] = set()
    if spec.azure_file is not None:
        found.add((spec.azure_file.secret_namespace or spec.claim_ref.namespace, spec.azure_file.secret_name))
    for kind, source in msgspec.to_builtins(spec).items():
        for key in ("secretRef", "nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"):
            for ref in _found(source, key):
                namespace = ref.get("namespace", "")
                if namespace == "" and kind in ("cephfs", "flexVolume", "rbd", "scaleIO", "iscsi"):
                    namespace = spec.claim_ref.namespace
                found.add((namespace, ref.get("name", "")))
    return found


def _found(tree: Any, key: str) -> Iterator[Any]:
    """Every value that stands under ``key`` anywhere in a tree of lists and objects."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key:
                yield value
            yield from _found(value, key)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from _found(value, key)
