"""What kubectl sends to look into pods: logs, exec, attach, port-forward, cp, debug, run."""

from __future__ import annotations

from rbaclens.errors import UsageError
from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.kubectl_targets import file_targets, namespace_of, object_target, slash_target

_SELECTING = frozenset(["deployments", "replicasets", "statefulsets", "daemonsets", "replicationcontrollers", "jobs", "services"])
_WEBSOCKET = "tried first, by WebSocket; where it is refused, kubectl goes on with the POST alone"
_CREATE = "by WebSocket the server asks for create as well (ESC-60); by the older SPDY the request itself is a create"


def logs(p: Planner) -> None:
    """``logs``: find the pod, or the pods of a workload or selector, and read the log."""
    pods = p.resource("pods")
    labels, args = p.line.text("selector"), p.line.args
    if labels and args:
        raise UsageError("a selector and a pod do not go together", "leave one of them out")
    if labels:
        target = Target(pods, p.namespace, labels=labels)
        p.send("GET", target, why="the pods")
    elif 1 <= len(args) <= 2:
        target = _pod(p, args[0])
    else:
        raise UsageError("logs takes a POD or TYPE/NAME, and a container", "write kubectl logs POD [CONTAINER]")
    p.send("GET", _bare(target), target.each, "log", why="the log" if target.name else "the log of each pod that was found")


def exec_(p: Planner) -> None:
    """``exec``: find the pod and open a stream."""
    if "filename" in p.line.flags and not p.line.args:
        targets = file_targets(p)
        if len(targets) != 1:
            raise UsageError(f"the files hold {len(targets)} objects", "exec takes a file with one object")
        target = _pod_of(p, targets[0], fetch=False)
    elif len(p.line.args) == 1:
        target = _pod(p, p.line.args[0])
    else:
        raise UsageError("exec takes one POD or TYPE/NAME, and the command behind --", "write kubectl exec POD -- COMMAND")
    if not p.line.rest:
        raise UsageError("exec needs a command", "write kubectl exec POD -- COMMAND")
    stream(p, target, "exec")


def attach(p: Planner) -> None:
    """``attach``: as exec, to the process that runs already."""
    if len(p.line.args) != 1:
        raise UsageError("attach takes one POD or TYPE/NAME", "write kubectl attach POD")
    stream(p, _pod(p, p.line.args[0]), "attach")


def port_forward(p: Planner) -> None:
    """``port-forward``: find the pod and open a stream."""
    if len(p.line.args) < 2:
        raise UsageError("port-forward takes TYPE/NAME and ports", "write kubectl port-forward POD [LOCAL:]REMOTE")
    target = _pod(p, p.line.args[0])
    p.send("GET", _bare(target), target.each, why="whether the pod runs")
    stream(p, target, "portforward")


def cp(p: Planner) -> None:
    """``cp``: tar, run by exec in the pod."""
    if len(p.line.args) != 2:
        raise UsageError("cp takes a source and a destination", "write kubectl cp [NAMESPACE/]POD:PATH PATH, or the other way round")
    remote = [arg for arg in p.line.args if ":" in arg]
    if len(remote) != 1:
        raise UsageError("one of source and destination must be in a pod", "write it as [NAMESPACE/]POD:PATH")
    where, _, _ = remote[0].partition(":")
    parts = where.split("/")
    if len(parts) > 2 or not all(parts):
        raise UsageError(f'"{remote[0]}" is no place in a pod', "write [NAMESPACE/]POD:PATH")
    target = object_target(p, p.resource("pods"), parts[-1])
    if len(parts) == 2:
        target = Target(target.resource, parts[0], target.name)
    p.send("GET", target, target.name, why="the pod")
    stream(p, target, "exec")


def debug(p: Planner) -> None:
    """``debug``: an ephemeral container in a pod, a copy of it, or a pod on a node."""
    if not p.line.args:
        raise UsageError("debug takes a POD or node/NODE", "write kubectl debug POD --image=IMAGE")
    pods = p.resource("pods")
    attached = p.line.switch("attach", default=p.line.switch("stdin"))
    for arg in p.line.args:
        target = slash_target(p, arg) if "/" in arg else object_target(p, pods, arg)
        p.send("GET", target, target.name, why="what to debug")
        if str(target.resource) == "nodes":
            p.send("POST", Target(pods, p.namespace), why="a pod on the node")
            _follow(p, Target(pods, p.namespace), attached)
        elif str(target.resource) != "pods":
            raise UsageError(f"debug knows pods and nodes, not {target.resource}", "name a pod or node/NODE")
        elif copy := p.line.text("copy-to"):
            p.send("POST", Target(pods, target.namespace), why="the copy")
            if p.line.switch("replace"):
                p.send("DELETE", target, target.name, why="--replace deletes the original")
            _follow(p, Target(pods, target.namespace, copy), attached)
        else:
            p.send("PATCH", target, target.name, "ephemeralcontainers", why="the ephemeral container")
            _follow(p, target, attached)


def run(p: Planner) -> None:
    """``run``: create a pod; attach to it and delete it where that is asked for."""
    if not p.line.args:
        raise UsageError("run takes a name", "write kubectl run NAME --image=IMAGE")
    dry, pods = p.line.dry_run, p.resource("pods")
    target = object_target(p, pods, p.line.args[0])
    if dry == "client":
        return
    p.send("POST", Target(pods, target.namespace), why="the pod")
    if p.line.switch("expose"):
        services = p.resource("services")
        p.send("POST", Target(services, namespace_of(p, services)), why="--expose: a service for it")
    attached = dry == "none" and p.line.switch("attach", default=p.line.switch("stdin"))
    _follow(p, target, attached)
    if dry == "none" and p.line.switch("rm"):
        p.send("GET", target, target.name, required=False, why="--rm: the pod to delete")
        p.send("DELETE", target, target.name, why="--rm: delete it at the end")


def stream(p: Planner, target: Target, subresource: str) -> None:
    """The two requests that may open a stream. kubectl asks by WebSocket first and falls back to SPDY when that is refused."""
    p.send("GET", _bare(target), target.each, subresource, required=False, why=_WEBSOCKET)
    p.send("POST", _bare(target), target.each, subresource, why=_CREATE)


def _follow(p: Planner, target: Target, attached: bool) -> None:
    """Wait for the container of a pod and attach to it."""
    if attached:
        p.list_one(target, why="whether the container runs, then its changes")
        stream(p, target, "attach")
        p.send("GET", _bare(target), target.each, "log", required=False, why="only where attaching failed, or the container ended before")


def _pod(p: Planner, arg: str) -> Target:
    """The pod of ``POD`` or ``TYPE/NAME``, with the requests that find it; without a name where only the server knows it."""
    target = slash_target(p, arg) if "/" in arg else object_target(p, p.resource("pods"), arg)
    return _pod_of(p, target, fetch=True)


def _pod_of(p: Planner, target: Target, *, fetch: bool) -> Target:
    if str(target.resource) == "pods":
        if fetch:
            p.send("GET", target, target.name, why="the pod")
        return target
    if target.resource.resource not in _SELECTING:
        raise UsageError(f"{target.resource} choose no pods", f"name a pod, or one of {', '.join(sorted(_SELECTING))}")
    if fetch:
        p.send("GET", target, target.name, why="how it selects its pods")
    pods = Target(p.resource("pods"), target.namespace)
    p.send("GET", pods, why=f"the pods of {target.resource.resource}/{target.name}")
    return pods


def _bare(target: Target) -> Target:
    return Target(target.resource, target.namespace)
