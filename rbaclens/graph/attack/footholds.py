"""Where an attacker can stand, as ids of nodes: identities, and footholds in a namespace or everywhere.

A foothold stands between a technique and what it reaches: "every account of shop" is one node, from which a fact leads to each.
"""

from __future__ import annotations

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.model import Node
from rbaclens.graph.permission import where

CLUSTER_ADMIN = "sink:cluster-admin"
MASTERS_SINK = "sink:system:masters"
ADMISSION_BYPASS = "sink:admission-bypass"
TRAFFIC = "sink:traffic"
ANYBODY = "identity:any"
"""A client certificate for any user name and group but ``system:masters``."""
ANY_USER = "identity:user"
"""Any user name, in no group but ``system:authenticated``."""
ANY_NODE = "machine:*"
SOME_NODE = "machine:?"
"""Root on a node, and nobody knows which."""
ALONE = "alone:"
NAMESPACE_ADMIN = "namespace-admin:"
ROLES = "roles:"

_WHAT = {
    "accounts": "any service account",
    "pods": "code in any pod",
    "secrets": "every secret",
    "roles": "every Role",
    "namespace-admin": "everything that is in a namespace",
}
_SINKS = {
    CLUSTER_ADMIN: ("cluster-admin", 1.0),
    MASTERS_SINK: ("a member of system:masters", 1.0),
    ADMISSION_BYPASS: ("admission policy switched off", 0.7),
    TRAFFIC: ("traffic of others", 0.6),
}


_MACHINES = {ANY_NODE: "root on any node", SOME_NODE: "root on a node"}


def _every(scope: str) -> str:
    return "every namespace" if scope == EVERYWHERE else scope


BOUND, SPEAKING = " + ", " ~ "
"""In the id of somebody who has bound roles to themselves, and of somebody who speaks for another, between what they were and that."""


def is_somebody(node_id: str) -> bool:
    """Whether a node is a user, a group or a service account as such."""
    return node_id.startswith(("user:", "group:", "sa:")) and BOUND not in node_id and SPEAKING not in node_id


def is_place(node_id: str) -> bool:
    """Whether a node is a foothold or sink that nobody holds anything as."""
    return node_id.startswith(("accounts:", "machine:", "pods:", "secrets:", "sink:"))


def accounts(scope: str) -> str:
    """Acting as any service account of a namespace, or of all."""
    return f"accounts:{scope}"


def pods(scope: str) -> str:
    """Running code in any pod that is there."""
    return f"pods:{scope}"


def secrets(scope: str) -> str:
    """Reading every secret of a namespace, or of all."""
    return f"secrets:{scope}"


def namespace_admin(namespace: str) -> str:
    """Holding every right that counts in a namespace."""
    return f"{NAMESPACE_ADMIN}{namespace}"


def roles(scope: str) -> str:
    """Every Role of a namespace, or of all, bound to oneself there."""
    return f"{ROLES}{scope}"


def account(namespace: str, name: str) -> str:
    """The identity of one service account."""
    return f"sa:{namespace}/{name}"


def alone(user: str) -> str:
    """The identity of a user without the groups that authentication or an inventory gives them, as impersonation takes it."""
    return f"{ALONE}{user}"


def node_user(name: str) -> str:
    """The identity of a kubelet."""
    return f"node:{name}"


def pod(namespace: str, name: str) -> str:
    """Running code in one pod."""
    return f"pod:{namespace}/{name}"


def secret(namespace: str, name: str) -> str:
    """Knowing one secret."""
    return f"secret:{namespace}/{name}"


def machine(name: str) -> str:
    """Being root on one node."""
    return f"machine:{name}"


def cloud(identity: str) -> str:
    """Having an identity of the cloud provider."""
    return f"sink:cloud:{identity}"


def foothold_node(node_id: str) -> Node:
    """The node of a foothold or sink, by its id."""
    kind, _, rest = node_id.partition(":")
    if node_id in _SINKS:
        label, weight = _SINKS[node_id]
        return Node(node_id, "sink", label, {"weight": weight})
    if kind == "sink":
        return Node(node_id, "sink", f"cloud identity {rest.partition(':')[2]}", {"weight": 0.7})
    if node_id == secrets(EVERYWHERE):
        return Node(node_id, "sink", "every secret of the cluster", {"weight": 0.9})
    if kind in _WHAT:
        what = _WHAT[kind]
        label = f"everything in {_every(rest)}" if kind == "namespace-admin" else f"{what} {where(rest)}"
        return Node(node_id, "foothold", label, {"what": what, "scope": rest})
    if kind == "machine":
        return Node(node_id, "node", _MACHINES.get(node_id, f"root on node {rest}"), {})
    if kind == "alone":
        return Node(node_id, "foothold", f"{rest}, in no group but system:authenticated", {"what": "a user's name", "scope": EVERYWHERE})
    if kind == "identity":
        label = "any user or group but system:masters" if node_id == ANYBODY else "any user name"
        return Node(node_id, "foothold", label, {"what": label, "scope": EVERYWHERE})
    namespace, _, name = rest.partition("/")
    if kind == "pod" and "/" in name:
        return Node(node_id, "workload", rest, {"kind": name.partition("/")[0], "namespace": namespace})
    return Node(node_id, kind, rest, {"namespace": namespace, "name": name})
