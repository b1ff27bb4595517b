"""From a kubectl command line to the requests that it sends (kubectl 1.32, as recorded from its audit trail).

A command or flag that is not known is refused, never guessed. Where a later request depends on an earlier answer, the
objects are taken to exist, and what is sent otherwise is there too, as not required.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rbaclens.errors import UsageError
from rbaclens.requests import kubectl_change as change
from rbaclens.requests import kubectl_create as creating
from rbaclens.requests import kubectl_pods as pods
from rbaclens.requests import kubectl_read as read
from rbaclens.requests import kubectl_write as write
from rbaclens.requests.kubectl_describe import describe
from rbaclens.requests.kubectl_flags import KubectlLine, parse_kubectl_line, subcommands
from rbaclens.requests.kubectl_manifests import ReadFile
from rbaclens.requests.kubectl_plan import KubectlPlan, PlannedRequest, Planner
from rbaclens.requests.resources import ResourceCatalogue

__all__ = ["KubectlPlan", "PlannedRequest", "requests_of_kubectl"]

_COMMANDS: dict[str, Callable[[Planner], None]] = {
    "annotate": change.label,
    "api-resources": read.discovery,
    "api-versions": read.discovery,
    "apply": write.apply,
    "apply edit-last-applied": write.set_last_applied,
    "apply set-last-applied": write.set_last_applied,
    "apply view-last-applied": write.view_last_applied,
    "attach": pods.attach,
    "auth can-i": read.auth_can_i,
    "auth reconcile": write.reconcile,
    "auth whoami": read.auth_whoami,
    "autoscale": change.autoscale,
    "certificate approve": change.certificate,
    "certificate deny": change.certificate,
    "cluster-info": read.cluster_info,
    "cluster-info dump": read.cluster_info_dump,
    "cordon": change.cordon,
    "cp": pods.cp,
    "create": write.create,
    "create secret": creating.create_group,
    "create service": creating.create_group,
    "create token": creating.create_token,
    "debug": pods.debug,
    "delete": write.delete,
    "describe": describe,
    "diff": write.diff,
    "drain": change.drain,
    "edit": write.edit,
    "events": read.events,
    "exec": pods.exec_,
    "explain": read.explain,
    "expose": change.expose,
    "get": read.get,
    "label": change.label,
    "logs": pods.logs,
    "patch": write.patch,
    "port-forward": pods.port_forward,
    "replace": write.replace,
    "rollout history": change.rollout,
    "rollout pause": change.rollout,
    "rollout restart": change.rollout,
    "rollout resume": change.rollout,
    "rollout status": change.rollout,
    "rollout undo": change.rollout,
    "run": pods.run,
    "scale": change.scale,
    "set env": change.set_pairs,
    "set image": change.set_pairs,
    "set resources": change.set_flags,
    "set selector": change.set_pairs,
    "set serviceaccount": change.set_serviceaccount,
    "set subject": change.set_flags,
    "taint": change.taint,
    "top node": read.top_node,
    "top pod": read.top_pod,
    "uncordon": change.cordon,
    "version": read.version,
    "wait": read.wait,
}
_SILENT = ("completion", "config", "help", "kustomize", "options", "plugin")
_OTHER_IDENTITY = ("kubeconfig", "context", "cluster", "user", "token", "username", "client-certificate", "server")


def requests_of_kubectl(
    argv: Sequence[str], catalogue: ResourceCatalogue, read_file: ReadFile, *, namespace: str = "default"
) -> KubectlPlan:
    """The requests that the command line ``argv`` sends, with or without ``kubectl`` as its first word.

    ``read_file`` gives the bytes of a file named with ``-f`` (``-``: stdin) and may raise OSError; ``namespace`` is the one
    used when the command names none. Raises UsageError and UnknownNameError for what kubectl would refuse, or what is
    not understood.
    """
    line = parse_kubectl_line(argv)
    if line.switch("help"):
        return KubectlPlan(line.command, (), ("help sends nothing to the server",))
    planner = Planner(line, catalogue, read_file, namespace)
    user, groups, uid = _impersonation(planner)
    _plan(planner)
    return KubectlPlan(line.command, planner.requests, tuple(planner.notes), user, groups, uid)


def _plan(planner: Planner) -> None:
    line = planner.line
    if not line.command or line.command.split()[0] in _SILENT:
        planner.note(f"kubectl {line.command or 'alone'} sends nothing to the server")
        return
    if line.command == "proxy":
        planner.note("kubectl proxy sends nothing by itself: it passes on what its clients ask")
        return
    command = _command(line)
    if command is None:
        words = ", ".join(subcommands(line.command))
        raise UsageError(f"kubectl {line.command} needs to know what to do", f"write one of: {words}")
    command(planner)
    if not planner.requests:
        planner.note("with these flags kubectl asks the server for nothing but discovery")


def _command(line: KubectlLine) -> Callable[[Planner], None] | None:
    if line.command.startswith("create ") and line.command not in _COMMANDS:
        return creating.create_kind
    return _COMMANDS.get(line.command)


def _impersonation(planner: Planner) -> tuple[str, tuple[str, ...], str]:
    """Who is impersonated; kubectl refuses groups or a uid without a user."""
    line = planner.line
    user, groups, uid = line.text("as"), tuple(line.flags.get("as-group", ())), line.text("as-uid")
    if (groups or uid) and not user:
        raise UsageError("--as-group and --as-uid need --as", "name the user to impersonate")
    given = [f"--{flag}" for flag in _OTHER_IDENTITY if flag in line.flags]
    if given:
        planner.note(f"{', '.join(given)} would choose another cluster or caller: not looked at")
    return user, groups, uid
