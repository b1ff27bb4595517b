"""What kubectl's reading commands send."""

from __future__ import annotations

from rbaclens.errors import UsageError
from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.kubectl_targets import namespace_of, slash_target, targets_of

_ALREADY = "only while the condition does not hold yet"
_METRICS = "measured by a metrics server"


def raw(p: Planner, method: str) -> None:
    """``--raw PATH``: the path as it stands."""
    path = p.line.text("raw")
    if p.line.args:
        raise UsageError("--raw and arguments do not go together", "write only the path")
    if not path.startswith("/"):
        raise UsageError(f'--raw "{path}" is no path of the server', "a path begins with a slash")
    p.path(method, path, why="the path as given")


def get(p: Planner) -> None:
    """``get``: one object by GET, all by list; ``-w`` adds a watch."""
    if "raw" in p.line.flags:
        raw(p, "GET")
        return
    targets = targets_of(p, p.line.args, bare=True)
    watch = p.line.switch("watch") or p.line.switch("watch-only")
    subresource = p.line.text("subresource")
    if watch and len({str(target.resource) for target in targets}) > 1:
        raise UsageError("only one resource type can be watched", "name a single type")
    if subresource and not all(target.name for target in targets):
        raise UsageError("--subresource needs the names of the objects", "name one object")
    for target in targets:
        p.send("GET", target, target.name, subresource, why="the object" if target.name else "the objects")
        if watch and target.name:
            p.send("WATCH", Target(target.resource, target.namespace, fields=f"metadata.name={target.name}"), why="its changes")
        elif watch:
            p.send("WATCH", target, why="their changes")


def events(p: Planner) -> None:
    """``events``: one list, or with ``-w`` one watch."""
    fields = ""
    if about := p.line.text("for"):
        target = slash_target(p, about)
        group = f"{target.resource.group}/" if target.resource.group else ""
        kind = next(
            (r.kind for r in p.catalogue.resources if (r.group, r.resource) == (target.resource.group, target.resource.resource)), ""
        )
        version = f"{group}{target.resource.version}"
        fields = f"involvedObject.kind={kind},involvedObject.apiVersion={version},involvedObject.name={target.name}"
    where = "" if p.line.switch("all-namespaces") else p.namespace
    target = Target(p.resource("events"), where, fields=fields)
    p.send("WATCH" if p.line.switch("watch") else "GET", target, why="the events")


def top_pod(p: Planner) -> None:
    """``top pod``: the metrics of one pod or of all."""
    if len(p.line.args) > 1:
        raise UsageError("top pod takes one name at most", "name one pod, or select them with -l")
    where = "" if p.line.switch("all-namespaces") else p.namespace
    target = Target(p.resource("pods.metrics.k8s.io"), where, labels=p.line.text("selector"), fields=p.line.text("field-selector"))
    p.send("GET", target, p.line.args[0] if p.line.args else "", why=_METRICS)
    if p.line.text("selector"):
        pods = Target(p.resource("pods"), where, labels=p.line.text("selector"))
        p.send("GET", pods, required=False, why="only when there are no metrics: whether there are pods at all")


def top_node(p: Planner) -> None:
    """``top node``: the metrics, and the nodes for what they could give."""
    if len(p.line.args) > 1:
        raise UsageError("top node takes one name at most", "name one node, or select them with -l")
    name = p.line.args[0] if p.line.args else ""
    for word, why in (("nodes.metrics.k8s.io", _METRICS), ("nodes", "what the nodes could give")):
        p.send("GET", Target(p.resource(word), labels=p.line.text("selector")), name, why=why)


def wait(p: Planner) -> None:
    """``wait``: find the objects, then follow each by a list and a watch."""
    condition = p.line.text("for")
    if condition.lower() not in ("delete", "create") and not condition.startswith(("condition=", "jsonpath=")):
        raise UsageError(f'--for "{condition}" is no condition', "write --for=delete, create, condition=NAME or jsonpath=...")
    for target in targets_of(p, p.line.args):
        p.send("GET", target, target.name, why="the object" if target.name else "the objects")
        if condition.lower() == "create":
            continue
        if condition.lower() == "delete":
            # an object that is gone at the first look needs nothing more
            p.send("GET", target, target.each, why="whether it is still there")
            p.list_one(target, required=False, why=_ALREADY)
        else:
            p.list_one(target, why="its state, then (only while the condition does not hold) its changes")


def cluster_info(p: Planner) -> None:
    """``cluster-info``: the services that are labelled as the cluster's own."""
    target = Target(p.resource("services"), "kube-system", labels="kubernetes.io/cluster-service=true")
    p.send("GET", target, why="the cluster's own services")


def cluster_info_dump(p: Planner) -> None:
    """``cluster-info dump``: nodes, and workloads, events and logs of the namespaces asked for."""
    p.send("GET", Target(p.resource("nodes")), why="the nodes")
    everything = p.line.switch("all-namespaces")
    if everything:
        p.send("GET", Target(p.resource("namespaces")), why="which namespaces there are")
    # the requests go to one namespace after the other: asked for all of them at once here
    for namespace in ("",) if everything else p.line.items("namespaces") or ("kube-system", p.namespace):
        for word in ("events", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "pods"):
            p.send("GET", Target(p.resource(word), namespace), why="of each namespace" if everything else "")
        p.send("GET", Target(p.resource("pods"), namespace), None, "log", required=False, why="the logs of each pod")


def version(p: Planner) -> None:
    """``version``: one path, and none with ``--client``."""
    if not p.line.switch("client"):
        p.path("GET", "/version", why="the server's version")


def discovery(p: Planner) -> None:
    """``api-resources`` and ``api-versions``: discovery is all they read."""
    p.path("GET", "/api", why="discovery")
    p.path("GET", "/apis", why="discovery")


def explain(p: Planner) -> None:
    """``explain TYPE[.FIELD]``: the published schema."""
    if len(p.line.args) != 1:
        raise UsageError("explain takes one resource", "write kubectl explain TYPE or TYPE.FIELD")
    p.path("GET", "/openapi/v3", why="the schemas")


def auth_can_i(p: Planner) -> None:
    """``auth can-i``: one review, which asks about the caller."""
    listing = p.line.switch("list")
    args = p.line.args
    if listing and args:
        raise UsageError("--list takes no arguments", "leave out verb and resource")
    if not listing and len(args) not in (2, 3):
        raise UsageError("auth can-i takes a verb and a resource", "write VERB TYPE, VERB TYPE/NAME or VERB /PATH")
    _review(p, "selfsubjectrulesreviews" if listing else "selfsubjectaccessreviews")


def auth_whoami(p: Planner) -> None:
    """``auth whoami``: one review."""
    _review(p, "selfsubjectreviews")


def _review(p: Planner, word: str) -> None:
    resource = p.resource(word)
    p.send("POST", Target(resource, namespace_of(p, resource)), why="the server's own answer about the caller")
