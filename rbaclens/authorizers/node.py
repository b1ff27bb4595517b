"""The node authorizer: what a kubelet may do, by what runs on its node (NODE-01 to NODE-28)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import NamedTuple

from rbaclens.authorizers.matching import rule_allows
from rbaclens.authorizers.node_graph import NodeGraph
from rbaclens.authorizers.node_rules import STATIC_RULES
from rbaclens.model.decision import NOTHING, NodeGrant, Opinion, Verdict, quote
from rbaclens.model.identity import NODE_PREFIX, NODES
from rbaclens.model.request import Request
from rbaclens.model.workloads import NodeGraphObjects

NAME = "node"
LEASE_NAMESPACE = "kube-node-lease"


def node_name(user: str, groups: tuple[str, ...]) -> str | None:
    """The name of the node that a user is (possibly empty), ``None`` for everybody else (NODE-01)."""
    if user.startswith(NODE_PREFIX) and NODES in groups:
        return user[len(NODE_PREFIX) :]
    return None


class NodeAuthorizer:
    """The node authorizer over a cluster's objects; it allows or has no opinion, and never denies (NODE-03)."""

    name = NAME

    def __init__(self, objects: NodeGraphObjects) -> None:
        self._objects = objects

    @cached_property
    def graph(self) -> NodeGraph:
        """The graph, built when it is first asked for: most requests are not a node's."""
        return NodeGraph(self._objects)

    def authorize(self, request: Request) -> Opinion:
        """The opinion on any request; the evidence is a ``NodeGrant``, the text the API server's reason (NODE-02 to NODE-04)."""
        if not request.user.startswith(NODE_PREFIX):
            return NOTHING
        node = node_name(request.user, request.groups)
        if node is None:
            return NOTHING
        if not node:
            return _refused(f"unknown node for user {quote(request.user)}")
        special = _SPECIAL.get((request.api_group, request.resource)) if request.is_resource else None
        if special is not None:
            return special(Asked(self.graph, node, request))
        for rule_id, rule in STATIC_RULES:
            if rule_allows(rule, request):
                return _allowed(rule_id)
        return NOTHING


class Asked(NamedTuple):
    """A node's request for a resource that has rules of its own."""

    graph: NodeGraph
    node: str
    request: Request

    @property
    def names_own_node(self) -> bool:
        """Whether a field selector confines the request to the node (NODE-26)."""
        return any(f.key == "spec.nodeName" and f.operator == "=" and f.value == self.node for f in self.request.field_selector)


def _allowed(rule_id: str, steps: tuple[str, ...] = ()) -> Opinion:
    return Opinion(Verdict.ALLOW, NAME, evidence=NodeGrant(rule_id, steps))


def _refused(text: str) -> Opinion:
    return Opinion(Verdict.NO_OPINION, NAME, text)


def _related(rule_id: str, kind: str, asked: Asked) -> Opinion:
    """The graph check (NODE-06 to NODE-08). The namespace counts as given: a cluster-scoped object has none."""
    request = asked.request
    if not request.name:
        return _refused("No Object name found")
    steps = asked.graph.path(kind, request.namespace, request.name, asked.node)
    if not steps:
        return _refused(f"no relationship found between node '{asked.node}' and this object")
    return _allowed(rule_id, steps)


def _read(rule_id: str, kind: str, asked: Asked) -> Opinion:
    """NODE-16: reading one object of a namespace; list and watch do so with a metadata.name selector (RI-24)."""
    request = asked.request
    if request.verb not in ("get", "list", "watch"):
        return _refused("can only read resources of this type")
    if request.subresource:
        return _refused("cannot read subresource")
    if not request.namespace:
        return _refused("can only read namespaced object of this type")
    return _related(rule_id, kind, asked)


def _get(rule_id: str, kind: str, asked: Asked) -> Opinion:
    """NODE-17 (last sentence), NODE-18."""
    if asked.request.verb != "get":
        return _refused("can only get individual resources of this type")
    if asked.request.subresource:
        return _refused("cannot get subresource")
    return _related(rule_id, kind, asked)


def _claim(asked: Asked) -> Opinion:
    """NODE-17. The text promises get, which is refused."""
    if asked.request.subresource != "status":
        return _get("NODE-17", "persistentvolumeclaim", asked)
    if asked.request.verb not in ("update", "patch"):
        return _refused("can only get/update/patch this type")
    return _related("NODE-17", "persistentvolumeclaim", asked)


def _service_account(asked: Asked) -> Opinion:
    """NODE-19: its pods' service accounts, and tokens for them."""
    request = asked.request
    if request.verb == "get" and not request.subresource:
        return _read("NODE-19", "serviceaccount", asked)
    if request.verb != "create" or not request.name:
        return _refused("can only create tokens for individual service accounts")
    if request.subresource != "token":
        return _refused("can only create token subresource of serviceaccount")
    return _related("NODE-19", "serviceaccount", asked)


def _lease(asked: Asked) -> Opinion:
    """NODE-20. Subresources are not looked at; on create the server does not know the name yet."""
    request = asked.request
    if request.verb not in ("get", "create", "update", "patch", "delete"):
        return _refused("can only get, create, update, patch, or delete a node lease")
    if request.namespace != LEASE_NAMESPACE:
        return _refused(f"can only access leases in the {quote(LEASE_NAMESPACE)} system namespace")
    if request.verb != "create" and request.name != asked.node:
        return _refused("can only access node lease with the same name as the requesting node")
    return _allowed("NODE-20")


def _csi_node(asked: Asked) -> Opinion:
    """NODE-21."""
    request = asked.request
    if request.verb not in ("get", "create", "update", "patch", "delete"):
        return _refused("can only get, create, update, patch, or delete a CSINode")
    if request.subresource:
        return _refused("cannot authorize CSINode subresources")
    if request.verb != "create" and request.name != asked.node:
        return _refused("can only access CSINode with the same name as the requesting node")
    return _allowed("NODE-21")


def _resource_slice(asked: Asked) -> Opinion:
    """NODE-22. Whose slice is created is left to admission (NODE-65)."""
    verb = asked.request.verb
    if asked.request.subresource:
        return _refused("cannot authorize ResourceSlice subresources")
    if verb == "create":
        return _allowed("NODE-22")
    if verb in ("get", "update", "patch", "delete"):
        return _related("NODE-22", "resourceslice", asked)
    if verb in ("list", "watch", "deletecollection"):
        if asked.names_own_node:
            return _allowed("NODE-22")
        return _refused("can only list/watch/deletecollection resourceslices with nodeName field selector")
    return _refused(
        "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection"
    )


def _node(asked: Asked) -> Opinion:
    """NODE-23. Reading needs no graph, so that it works before the Node exists; writing is left to admission (NODE-62)."""
    node, request = asked.node, asked.request
    wanted = (request.verb, request.subresource)
    if wanted in (("create", ""), ("update", ""), ("patch", ""), ("update", "status"), ("patch", "status")):
        return _allowed("NODE-23")
    if wanted not in (("get", ""), ("list", ""), ("watch", "")):
        return NOTHING
    if request.name == node:
        return _allowed("NODE-23")
    what = f"'{request.name}'" if request.name else "all nodes"
    return _refused(f"node '{node}' cannot read {what}, only its own Node object")


def _pod(asked: Asked) -> Opinion:
    """NODE-24. Which pods are written is left to admission (NODE-61)."""
    request = asked.request
    wanted = (request.verb, request.subresource)
    if wanted in (("create", ""), ("delete", ""), ("update", "status"), ("patch", "status"), ("create", "eviction")):
        return _allowed("NODE-24")
    if wanted == ("get", ""):
        return _related("NODE-24", "pod", asked)
    if wanted not in (("list", ""), ("watch", "")):
        return NOTHING
    if asked.names_own_node:
        return _allowed("NODE-24")
    if not request.name:
        return _refused("can only list/watch pods with spec.nodeName field selector")
    return _related("NODE-24", "pod", asked)


# Everything else falls to the static rules (NODE-04).
_SPECIAL: dict[tuple[str, str], Callable[[Asked], Opinion]] = {
    ("", "secrets"): partial(_read, "NODE-16", "secret"),
    ("", "configmaps"): partial(_read, "NODE-16", "configmap"),
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): partial(_get, "NODE-18", "persistentvolume"),
    ("resource.k8s.io", "resourceclaims"): partial(_get, "NODE-18", "resourceclaim"),
    ("storage.k8s.io", "volumeattachments"): partial(_get, "NODE-18", "volumeattachment"),
    ("", "serviceaccounts"): _service_account,
    ("coordination.k8s.io", "leases"): _lease,
    ("storage.k8s.io", "csinodes"): _csi_node,
    ("resource.k8s.io", "resourceslices"): _resource_slice,
    ("", "nodes"): _node,
    ("", "pods"): _pod,
}

SPECIAL_RESOURCES = tuple(_SPECIAL)
"""Group and resource of everything that has rules of its own."""
