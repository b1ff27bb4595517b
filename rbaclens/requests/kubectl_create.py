"""What kubectl's ``create KIND NAME`` commands send."""

from __future__ import annotations

from rbaclens.errors import UsageError
from rbaclens.requests.kubectl_flags import subcommands
from rbaclens.requests.kubectl_plan import Planner, Target
from rbaclens.requests.kubectl_targets import namespace_of, object_target, slash_target
from rbaclens.requests.kubectl_write import granting

# The command's last words and what it creates.
_CREATED = {
    "clusterrole": "clusterroles",
    "clusterrolebinding": "clusterrolebindings",
    "configmap": "configmaps",
    "cronjob": "cronjobs",
    "deployment": "deployments",
    "ingress": "ingresses",
    "job": "jobs",
    "namespace": "namespaces",
    "poddisruptionbudget": "poddisruptionbudgets",
    "priorityclass": "priorityclasses",
    "quota": "resourcequotas",
    "role": "roles",
    "rolebinding": "rolebindings",
    "secret": "secrets",
    "service": "services",
    "serviceaccount": "serviceaccounts",
}


def create_kind(p: Planner) -> None:
    """``create KIND NAME``: one POST; a job made from a cron job reads that first."""
    word = p.line.command.split()[1]
    resource = p.resource(_CREATED[word])
    name = _name(p)
    object_target(p, resource, name)
    if source := p.line.text("from") if word == "job" else "":
        origin = slash_target(p, source)
        p.send("GET", origin, origin.name, why="the cron job to copy from")
    if p.line.dry_run != "client":
        p.send("POST", Target(resource, namespace_of(p, resource)), why=f"create {name}")
        granting(p, resource)


def create_token(p: Planner) -> None:
    """``create token``: a POST on the service account's token subresource."""
    accounts = p.resource("serviceaccounts")
    target = object_target(p, accounts, _name(p))
    p.send("POST", target, target.name, "token", why="the token")


def create_group(p: Planner) -> None:
    """``create secret`` and ``create service``, which need one word more."""
    raise UsageError(f"{p.line.command} needs to know which one", f"write one of {', '.join(subcommands(p.line.command))}")


def _name(p: Planner) -> str:
    if len(p.line.args) != 1:
        raise UsageError(f"{p.line.command} takes exactly one name", f"write kubectl {p.line.command} NAME")
    return p.line.args[0]
