"""What kubectl's commands about whole objects send: create, apply, replace, diff, delete, patch, edit, auth reconcile."""

from __future__ import annotations

from rbaclens.errors import UsageError
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.model.request import Request
from rbaclens.requests.kubectl_plan import Planner, Target, collection
from rbaclens.requests.kubectl_read import raw
from rbaclens.requests.kubectl_targets import file_targets, files_of, manifest_target, targets_of
from rbaclens.requests.resources import Resolved

_MISSING = "instead of the change, when the object does not exist yet"
# What apply --prune looks through when no --prune-allowlist is given.
_PRUNED = (
    "configmaps",
    "endpoints",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "secrets",
    "services",
    "jobs",
    "cronjobs",
    "ingresses",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "namespaces",
    "persistentvolumes",
)


def create(p: Planner) -> None:
    """``create -f``: a POST for each object."""
    if "raw" in p.line.flags:
        _raw_with_file(p, "POST")
        return
    _no_args(p)
    targets = file_targets(p)
    if p.line.dry_run == "client":
        return
    for target in targets:
        p.send("POST", collection(target), why=f"create {target.name or 'the object'}")
        granting(p, target.resource)


def apply(p: Planner) -> None:
    """``apply``: by the server in one PATCH, else GET and then PATCH (or POST when the object is new)."""
    _no_args(p)
    dry, targets = p.line.dry_run, _named(file_targets(p))
    for target in targets:
        subresource = p.line.text("subresource")
        if not p.line.switch("server-side"):
            p.send("GET", target, target.name, subresource, why="the object as it is")
        if dry != "client":
            p.send("PATCH", target, target.name, subresource, why="the change")
            _create_instead(p, target)
    if p.line.switch("prune"):
        _prune(p, targets)


def _create_instead(p: Planner, target: Target) -> None:
    if p.line.switch("server-side"):
        r = target.resource
        new = Request("create", r.resource, r.group, namespace=target.namespace, name=target.name, version=r.version)
        p.check(new, "asked by the server, when the object does not exist yet (ESC-71)", required=False)
    else:
        p.send("POST", collection(target), required=False, why=_MISSING)
    granting(p, target.resource)


def _prune(p: Planner, targets: list[Target]) -> None:
    labels = p.line.text("selector")
    wanted = p.line.items("prune-allowlist")
    for resource in [_allowed(p, entry) for entry in wanted] or [p.resource(word) for word in _PRUNED]:
        spaces = {target.namespace for target in targets if target.namespace} or {p.namespace}
        for namespace in sorted(spaces) if resource.namespaced is not False else ("",):
            found = Target(resource, namespace, labels=labels)
            p.send("GET", found, why="--prune: what was applied before")
            if p.line.dry_run == "none":
                p.send("DELETE", found, None, required=False, why="--prune: each object that is no longer in the files")


def _allowed(p: Planner, entry: str) -> Resolved:
    group, version, kind = [*entry.split("/"), "", ""][:3]
    group = "" if group == "core" else group
    found = p.catalogue.of_kind(f"{group}/{version}".lstrip("/"), kind)
    if found is None:
        raise UsageError(f'--prune-allowlist "{entry}" is served by nobody', "write GROUP/VERSION/KIND, such as core/v1/ConfigMap")
    return found


def view_last_applied(p: Planner) -> None:
    """``apply view-last-applied``: only reads."""
    for target in targets_of(p, p.line.args, bare=True):
        p.send("GET", target, target.name, why="the annotation")


def set_last_applied(p: Planner) -> None:
    """``apply set-last-applied`` and ``edit-last-applied``: read and patch the annotation."""
    for target in targets_of(p, p.line.args, bare=True):
        p.send("GET", target, target.name, why="the annotation as it is")
        if p.line.dry_run != "client":
            p.send("PATCH", target, target.each, why="the annotation")


def replace(p: Planner) -> None:
    """``replace``: a PUT; with ``--force`` a DELETE and a new POST."""
    if "raw" in p.line.flags:
        _raw_with_file(p, "PUT")
        return
    _no_args(p)
    dry, subresource, targets = p.line.dry_run, p.line.text("subresource"), _named(file_targets(p))
    for target in () if dry == "client" else targets:
        granting(p, target.resource)
        if p.line.switch("force"):
            p.send("DELETE", target, target.name, why="--force: delete the object")
            p.send("GET", target, target.name, why="wait until it is gone")
            p.send("POST", collection(target), why="create it anew")
        else:
            p.send("GET", target, target.name, subresource, required=False, why="the object as it is; not needed where it is refused")
            p.send("PUT", target, target.name, subresource, why="the new object")


def diff(p: Planner) -> None:
    """``diff``: what apply would do, as a dry run of the server."""
    _no_args(p)
    for target in _named(file_targets(p)):
        p.send("GET", target, target.name, why="the object as it is")
        p.send("PATCH", target, target.name, why="a dry run of the change")
        p.send("POST", collection(target), required=False, why=_MISSING)


def delete(p: Planner) -> None:
    """``delete``: each named object, or a list and then each that was found; then wait until they are gone."""
    if "raw" in p.line.flags:
        raw(p, "DELETE")
        return
    targets = targets_of(p, p.line.args)
    dry = p.line.dry_run
    if p.line.switch("all") and any(target.name for target in targets):
        raise UsageError("--all and names do not go together", "leave one of them out")
    for target in targets:
        if not target.name:
            p.send("GET", target, why="which objects there are")
        if dry != "client":
            p.send("DELETE", target, target.each, why="delete it" if target.name else "delete each object that was found")
    if dry == "none" and p.line.switch("wait", default=True):
        for target in targets:
            p.send("GET", target, target.each, required=False, why="wait until it is gone; not needed where it is refused")
            p.list_one(target, required=False, why="only when it is still there at the first look")


def patch(p: Planner) -> None:
    """``patch``: read, then PATCH; an object from a file is not read before."""
    if not p.line.text("patch") and not p.line.text("patch-file"):
        raise UsageError("no patch is given", "write -p PATCH or --patch-file FILE")
    targets, subresource = targets_of(p, p.line.args), p.line.text("subresource")
    for target in () if p.line.switch("local") else targets:
        if not target.kind:
            p.send("GET", target, target.name, subresource, why="the object as it is")
        if p.line.dry_run != "client":
            p.send("PATCH", target, target.each, subresource, why="the change")
            granting(p, target.resource)


def edit(p: Planner) -> None:
    """``edit``: read, let a person edit, PATCH."""
    subresource = p.line.text("subresource")
    for target in targets_of(p, p.line.args, bare=True):
        p.send("GET", target, target.name, subresource if target.name else "", why="what to edit")
        p.send("PATCH", target, target.each, subresource, why="what was edited")
        granting(p, target.resource)


def reconcile(p: Planner) -> None:
    """``auth reconcile``: read each role or binding, then update or create it."""
    _no_args(p)
    for item in files_of(p):
        target = manifest_target(p, item)
        if target.resource.group != RBAC_GROUP:
            continue
        p.send("GET", target, target.name, why="the object as it is")
        if p.line.dry_run == "client":
            continue
        p.send("PUT", target, target.name, why="the change, when the object lacks something")
        if target.namespace:
            namespaces = Target(p.resource("namespaces"))
            p.send("POST", namespaces, required=False, why="only when neither object nor namespace exist yet")
        p.send("POST", collection(target), required=False, why=_MISSING)
        if target.resource.resource.endswith("bindings"):
            p.send("DELETE", target, target.name, required=False, why="only when it names another role: deleted and created anew")
        granting(p, target.resource)


def granting(p: Planner, resource: Resolved) -> None:
    """Say that writing roles and bindings takes more than the request (section 8)."""
    if resource.group == RBAC_GROUP:
        p.note("roles and bindings: the server also refuses to grant more than the user has, unless escalate or bind allow it")


def _raw_with_file(p: Planner, method: str) -> None:
    if len(p.line.items("filename")) != 1:
        raise UsageError("--raw needs one file", "write -f FILE or -f -")
    raw(p, method)


def _no_args(p: Planner) -> None:
    if p.line.args:
        raise UsageError(f'unexpected argument "{p.line.args[0]}"', f"{p.line.command} takes files: write -f FILE")


def _named(targets: list[Target]) -> list[Target]:
    for target in targets:
        if not target.name:
            raise UsageError(f"an object of kind {target.kind} has no name", "only create takes generateName")
    return targets
