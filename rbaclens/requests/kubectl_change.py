"""What kubectl's commands that change one thing of an object send: label, taint, scale, set, rollout, expose, drain."""

from __future__ import annotations

from rbaclens.errors import UsageError
from rbaclens.model.request import Request
from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.kubectl_targets import object_target, slash_target, split_pairs, targets_of
from rbaclens.requests.kubectl_write import granting
from rbaclens.requests.virtual import CERTIFICATES

_ROLLOUTS = {"deployments": "replicasets", "daemonsets": "controllerrevisions", "statefulsets": "controllerrevisions"}
_ONLY_IN_PART = "only for pods of a daemon set"


def label(p: Planner) -> None:
    """``label`` and ``annotate``: read and patch, or with ``--list`` only read."""
    resources, changes = split_pairs(p.line.args, "change")
    if not changes and not p.line.switch("list"):
        raise UsageError("no change is given", "write KEY=VALUE or KEY-")
    _read_and_patch(p, resources, patch=bool(changes))


def taint(p: Planner) -> None:
    """``taint``: read and patch nodes."""
    resources, changes = split_pairs(p.line.args, "taint", colon=True)
    if not changes:
        raise UsageError("no taint is given", "write KEY=VALUE:EFFECT or KEY-")
    targets = _read_and_patch(p, resources)
    if any(str(target.resource) != "nodes" for target in targets):
        raise UsageError("only nodes can be tainted", "write kubectl taint nodes NAME KEY=VALUE:EFFECT")


def set_pairs(p: Planner) -> None:
    """``set image``, ``set env`` and ``set selector``: read and patch; ``set env --from`` reads its source first."""
    resources, changes = split_pairs(p.line.args, "change")
    if source := p.line.text("from"):
        origin = slash_target(p, source)
        p.send("GET", origin, origin.name, why="where the values come from")
    _read_and_patch(p, resources, patch=bool(changes) or not p.line.switch("list"))


def set_serviceaccount(p: Planner) -> None:
    """``set serviceaccount``: the last argument is its name."""
    if not p.line.args:
        raise UsageError("no service account is named", "write kubectl set serviceaccount TYPE NAME SERVICE_ACCOUNT")
    _read_and_patch(p, p.line.args[:-1])


def set_flags(p: Planner) -> None:
    """``set resources`` and ``set subject``: what changes stands in flags."""
    for target in _read_and_patch(p, p.line.args):
        granting(p, target.resource)


def scale(p: Planner) -> None:
    """``scale``: the object is read, its scale patched; with a precondition the scale is read and updated."""
    if "replicas" not in p.line.flags:
        raise UsageError("no number of replicas is given", "write --replicas=COUNT")
    careful = p.line.text("current-replicas", "-1") != "-1" or bool(p.line.text("resource-version"))
    for target in targets_of(p, p.line.args):
        if not target.kind:
            p.send("GET", target, target.name, why="the object")
        if p.line.dry_run == "client":
            continue
        if careful:
            p.send("GET", target, target.each, "scale", why="the precondition")
        p.send("PUT" if careful else "PATCH", target, target.each, "scale", why="the new number")
        if p.line.text("timeout", "0s") not in ("0s", "0"):
            p.send("GET", target, target.each, "scale", why="--timeout: wait for the number")


def autoscale(p: Planner) -> None:
    """``autoscale``: the object is read, an autoscaler created in the command's namespace."""
    scaler = p.resource("horizontalpodautoscalers.v1.autoscaling")
    for target in targets_of(p, p.line.args):
        if not target.kind:
            p.send("GET", target, target.name, why="what to scale")
        if p.line.dry_run != "client":
            p.send("POST", Target(scaler, p.namespace), why="the autoscaler")


def expose(p: Planner) -> None:
    """``expose``: the object is read, a service created in the command's namespace."""
    services = p.resource("services")
    for target in targets_of(p, p.line.args, selectors=False):
        if not target.kind:
            p.send("GET", target, target.name, why="what to expose")
        if p.line.dry_run != "client":
            p.send("POST", Target(services, p.namespace), why="the service")


def rollout(p: Planner) -> None:
    """``rollout`` restart, pause, resume, undo, history and status, of deployments, daemon sets and stateful sets."""
    action = p.line.command.split()[-1]
    for target in targets_of(p, p.line.args, bare=True):
        name = target.resource.resource
        if name not in _ROLLOUTS or (action in ("pause", "resume") and name != "deployments"):
            raise UsageError(f"{target.resource} know no rollout {action}", f"it is for {', '.join(_ROLLOUTS)}")
        p.send("GET", target, target.name, why="the object" if target.name else "the objects")
        if action == "status":
            p.list_one(target, why="its state, then (only while it is not finished) its changes")
            continue
        if action in ("undo", "history"):
            p.send("GET", target, target.each, why="the object")
            p.send("GET", Target(p.resource(_ROLLOUTS[name]), target.namespace), why="its revisions")
        if action != "history" and p.line.dry_run != "client":
            p.send("PATCH", target, target.each, why="the change")


def cordon(p: Planner) -> None:
    """``cordon`` and ``uncordon``: read and patch the node."""
    _cordoned(p)


def drain(p: Planner) -> None:
    """``drain``: cordon, then evict each pod of the node and wait until it is gone."""
    dry, pods = p.line.dry_run, p.resource("pods")
    for node in _cordoned(p):
        fields = f"spec.nodeName={node.name}" if node.name else ""
        p.send("GET", Target(pods, fields=fields, labels=p.line.text("pod-selector")), why="the pods of the node, in all namespaces")
        p.send("GET", Target(p.resource("daemonsets")), None, required=False, why=_ONLY_IN_PART)
        if dry == "client":
            continue
        if p.line.switch("disable-eviction"):
            p.send("DELETE", Target(pods), None, why="delete each pod of the node")
        else:
            p.send("POST", Target(pods), None, "eviction", why="evict each pod of the node")
        if dry == "none":
            p.send("GET", Target(pods), None, why="wait until each pod is gone")


def _cordoned(p: Planner) -> list[Target]:
    nodes, labels, args = p.resource("nodes"), p.line.text("selector"), p.line.args
    if bool(labels) == bool(args):
        raise UsageError("no node is named" if not args else "names and a selector do not go together", "write NODE or -l SELECTOR")
    targets = [slash_target(p, arg) if "/" in arg else object_target(p, nodes, arg) for arg in args] or [Target(nodes, labels=labels)]
    for target in targets:
        if str(target.resource) != "nodes":
            raise UsageError(f"{target.resource} are no nodes", "write NODE or node/NODE")
        p.send("GET", target, target.name, why="the node" if target.name else "the nodes")
        if p.line.dry_run != "client":
            p.send("PATCH", target, target.each, why="mark it; when this is refused kubectl says so and goes on")
    return targets


def certificate(p: Planner) -> None:
    """``certificate`` approve and deny: read the request, update its approval; the server asks about the signer too."""
    requests = p.resource("certificatesigningrequests")
    named = [slash_target(p, arg) if "/" in arg else object_target(p, requests, arg) for arg in p.line.args]
    targets = named if named and "filename" not in p.line.flags else targets_of(p, p.line.args)
    for target in targets:
        if str(target.resource) != str(requests):
            raise UsageError(f"{target.resource} are no certificate signing requests", "write the name of one")
        p.send("GET", target, target.name, why="the request")
        p.send("PUT", target, target.name, "approval", why="the decision")
    if targets:
        signer = Request("approve", "signers", CERTIFICATES, version="*")
        p.check(signer, "asked by the server: on the signer's name, or else on its domain and /* (ESC-52)")


def _read_and_patch(p: Planner, args: tuple[str, ...], *, patch: bool = True) -> list[Target]:
    targets = targets_of(p, args)
    for target in () if p.line.switch("local") else targets:
        p.send("GET", target, target.name, why="the object as it is" if target.name else "the objects as they are")
        if patch and p.line.dry_run != "client":
            p.send("PATCH", target, target.each, why="the change")
    return targets
