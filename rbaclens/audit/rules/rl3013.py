"""RL3013: a name that begins with system: and that nothing in Kubernetes has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNT_PREFIX,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    is_dns_label,
    is_dns_subdomain,
    parse_service_account,
)
from rbaclens.model.objects import Subject

_PREFIX = "system:"
_USERS = {
    ANONYMOUS,
    "system:addon-manager",
    "system:admin",
    "system:aggregator",
    "system:apiserver",
    "system:cloud-controller-manager",
    "system:cluster-autoscaler",
    "system:coredns",
    "system:kube-aggregator",
    "system:kube-apiserver",
    "system:kube-controller-manager",
    "system:kube-dns",
    "system:kube-proxy",
    "system:kube-scheduler",
    "system:konnectivity-server",
    "system:metrics-server",
    "system:monitoring",
    "system:node-problem-detector",
}
_GROUPS = {
    MASTERS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    NODES,
    SERVICE_ACCOUNTS,
    "system:bootstrappers",
    "system:monitoring",
    "system:node-proxier",
    "system:authenticated:oauth",
    "system:cluster-admins",
    "system:cluster-readers",
}
_TOKEN = re.compile(r"system:bootstrap:[a-z0-9]{6}")
_TOKEN_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            name = subject.name
            if not name.startswith(_PREFIX) or subject.kind not in ("User", "Group") or context.is_shipped_pair(binding, position):
                continue
            if not (_is_user(name) if subject.kind == "User" else _is_group(name)):
                yield Flaw(
                    on=binding,
                    steps=("subjects", position, "name"),
                    key=(subject.kind, name),
                    message=f"{subject.kind} {name} is no name that Kubernetes gives{_hint(subject)}.",
                )


def _is_user(name: str) -> bool:
    node = name.startswith(NODE_PREFIX) and is_dns_subdomain(name.removeprefix(NODE_PREFIX))
    return name in _USERS or node or parse_service_account(name) is not None or _TOKEN.fullmatch(name) is not None


def _is_group(name: str) -> bool:
    start, _, namespace = name.rpartition(":")
    in_namespace = start == SERVICE_ACCOUNTS and is_dns_label(namespace)
    return name in _GROUPS or in_namespace or _TOKEN_GROUP.fullmatch(name) is not None


def _hint(subject: Subject) -> str:
    """What was meant, as far as one can tell."""
    name = subject.name
    if subject.kind == "User" and _is_group(name):
        return ": it is the name of a group"
    if subject.kind == "Group" and _is_user(name):
        return ": it is the name of a user"
    if name.startswith(SERVICE_ACCOUNT_PREFIX):
        return f": a service account's is {SERVICE_ACCOUNT_PREFIX}NAMESPACE:NAME"
    near = get_close_matches(name, sorted(_USERS if subject.kind == "User" else _GROUPS), n=1, cutoff=0.8)
    return f", perhaps {near[0]} was meant" if near else ""


RULE = CheckRule(
    id="RL3013",
    title="Unknown system: name",
    condition="A User or Group begins with system: and is none of the names that Kubernetes or a common distribution gives.",
    gives="The grant reaches nobody, or an identity that nobody thought of.",
    fix="Write the name as Kubernetes gives it, and keep system: for Kubernetes alone.",
    level="warning",
    confidence="medium",
    check=_check,
    owasp=("K02",),
)
