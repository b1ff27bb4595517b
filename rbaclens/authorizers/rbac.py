"""The parts of RBAC that are not matching: who a subject is, which role a binding means, what an error says."""

from __future__ import annotations

from rbaclens.model.decision import quote
from rbaclens.model.identity import parse_service_account, service_account_user
from rbaclens.model.objects import RBAC_GROUP, Binding, RoleRef, Subject

NAME = "rbac"

RoleKey = tuple[str, str, str]
"""Kind, namespace and name of a role."""


def subject_user(subject: Subject, binding_namespace: str) -> str | None:
    """The user name that a User or ServiceAccount subject stands for, or ``None`` (RBAC-22 to RBAC-25).

    A ServiceAccount without namespace takes the RoleBinding's; in a ClusterRoleBinding it stands for nobody.
    """
    if subject.kind == "User":
        return subject.name
    if subject.kind == "ServiceAccount":
        namespace = subject.namespace or binding_namespace
        return service_account_user(namespace, subject.name) if namespace else None
    return None


def subject_account(subject: Subject, binding_namespace: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a subject stands for, also where it is written as a User (ATTR-18)."""
    user = subject_user(subject, binding_namespace)
    return parse_service_account(user) if user else None


def subject_matches(subject: Subject, binding_namespace: str, user: str, groups: tuple[str, ...]) -> bool:
    """RBAC-22: whether the subject is this user, one of these groups, or this service account."""
    if subject.kind == "Group":
        return subject.name in groups
    return subject_user(subject, binding_namespace) == user


def role_key(binding: Binding) -> RoleKey | None:
    """Which role a binding refers to (RBAC-31, RBAC-32); ``None`` for an unknown kind."""
    ref = binding.role_ref
    if ref.kind == "Role":
        return "Role", binding.namespace, ref.name
    if ref.kind == "ClusterRole":
        return "ClusterRole", "", ref.name
    return None


def resolution_error(ref: RoleRef) -> str:
    """What the server says of a role that is not there, or of a kind that it does not know (RBAC-31, RBAC-34)."""
    if ref.kind in {"Role", "ClusterRole"}:
        return f"{ref.kind.lower()}.{RBAC_GROUP} {quote(ref.name)} not found"
    return f"unsupported role reference kind: {quote(ref.kind)}"
