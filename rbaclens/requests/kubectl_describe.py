"""What ``kubectl describe`` reads: the object, and what is printed beside it."""

from __future__ import annotations

from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.kubectl_targets import targets_of

_WITHOUT_EVENTS = (
    "secrets",
    "resourcequotas",
    "limitranges",
    "namespaces",
    "networkpolicies",
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
)
# Beside the object, and whether describe fails without it.
_BESIDE: dict[str, tuple[tuple[str, bool, str], ...]] = {
    "deployments": (("replicasets", False, "its replica sets"),),
    "replicasets": (("pods", False, "its pods"),),
    "statefulsets": (("pods", True, "its pods"),),
    "daemonsets": (("pods", True, "its pods"),),
    "replicationcontrollers": (("pods", True, "its pods"),),
    "services": (("endpointslices", False, "its endpoints"),),
    "persistentvolumeclaims": (("pods", True, "the pods that use it"),),
    "serviceaccounts": (("secrets", False, "its token secrets"),),
    "namespaces": (("resourcequotas", True, "its quotas"), ("limitranges", True, "its limit ranges")),
    "ingresses": (("endpointslices", False, "the endpoints of its services"),),
}
_MISSING = "printed beside it; left out where it may not be read"


def describe(p: Planner) -> None:
    """``describe``: the object first, then its surroundings; events and most others may fail without harm."""
    targets = targets_of(p, p.line.args, bare=True)
    for target in targets:
        if target.name:
            p.send("GET", target, target.name, why="the object")
            if not target.kind:
                everything = Target(target.resource, target.namespace)
                p.send("GET", everything, required=False, why="only when no object has this very name: all that begin with it")
        else:
            p.send("GET", target, why="the objects")
            p.send("GET", Target(target.resource, target.namespace), None, why="each object that was found")
        _beside(p, target)


def _beside(p: Planner, target: Target) -> None:
    name = target.resource.resource
    inside = target.name if name == "namespaces" else target.namespace
    if not target.namespace and target.resource.namespaced is not False:
        p.note("what is printed beside the objects is read in the namespace of each: asked for all namespaces at once here")
    for word, required, what in _BESIDE.get(name, ()):
        p.send("GET", Target(p.resource(word), inside), required=required, why=what if required else f"{what}: {_MISSING}")
    if name == "ingresses":
        p.send("GET", Target(p.resource("services"), inside), None, required=False, why=f"each service it names: {_MISSING}")
    if name == "nodes":
        _node(p, target)
    if name not in _WITHOUT_EVENTS and p.line.switch("show-events", default=True):
        fields = f"involvedObject.name={target.name},involvedObject.namespace={target.namespace}" if target.name else ""
        p.send("GET", Target(p.resource("events"), target.namespace, fields=fields), required=False, why=f"its events: {_MISSING}")


def _node(p: Planner, target: Target) -> None:
    running = "status.phase!=Succeeded,status.phase!=Failed"
    fields = f"spec.nodeName={target.name},{running}" if target.name else running
    p.send("GET", Target(p.resource("pods"), fields=fields), required=False, why=f"its pods: {_MISSING}")
    lease = Target(p.resource("leases"), "kube-node-lease")
    p.send("GET", lease, target.each, required=False, why=f"its heartbeat: {_MISSING}")
