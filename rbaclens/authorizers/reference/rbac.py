"""RBAC, read from front to back (RBAC-20 to RBAC-37)."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.authorizers.matching import rule_allows
from rbaclens.authorizers.rbac import NAME, resolution_error, role_key, subject_matches
from rbaclens.model.decision import Opinion, RbacGrant, Verdict, aggregate
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request


def bindings_in_order(policy: PolicySet, namespace: str) -> list[Binding]:
    """All ClusterRoleBindings, then the namespace's RoleBindings, each by name: our documented order (RBAC-27)."""
    cluster = [b for b in policy.bindings if b.kind == "ClusterRoleBinding"]
    local = [b for b in policy.bindings if b.kind == "RoleBinding" and b.namespace == namespace and namespace != ""]
    return sorted(cluster, key=lambda b: b.name) + sorted(local, key=lambda b: b.name)


def first_subject(binding: Binding, user: str, groups: tuple[str, ...]) -> Subject | None:
    """The first subject of the binding that is this user (RBAC-21)."""
    for subject in binding.subjects:
        if subject_matches(subject, binding.namespace, user, groups):
            return subject
    return None


def find_role(policy: PolicySet, binding: Binding) -> Role | None:
    """The role that the binding refers to, if it is there (RBAC-31)."""
    for role in policy.roles:
        if role_key(binding) == (role.kind, role.namespace, role.name):
            return role
    return None


def visit(policy: PolicySet, user: str, groups: tuple[str, ...], namespace: str) -> Iterator[tuple[Binding, Subject, Role | None]]:
    """Every binding that applies, with the subject by which it does and its role (``None``: not to be found)."""
    for binding in bindings_in_order(policy, namespace):
        subject = first_subject(binding, user, groups)
        if subject is not None:
            yield binding, subject, find_role(policy, binding)


def grants(policy: PolicySet, request: Request) -> Iterator[RbacGrant]:
    """Every rule that allows the request, in order."""
    for binding, subject, role in visit(policy, request.user, request.groups, request.namespace if request.is_resource else ""):
        for index, rule in enumerate(role.rules if role else ()):
            if role is not None and rule_allows(rule, request):
                yield RbacGrant(binding, subject, role, index)


def decide_rbac(policy: PolicySet, request: Request) -> Opinion:
    """RBAC's opinion: allow by the first grant, else no opinion and what could not be resolved (RBAC-35, RBAC-37)."""
    for grant in grants(policy, request):
        return Opinion(Verdict.ALLOW, NAME, evidence=grant)
    namespace = request.namespace if request.is_resource else ""
    errors = [resolution_error(b.role_ref) for b, _, role in visit(policy, request.user, request.groups, namespace) if role is None]
    return Opinion(Verdict.NO_OPINION, NAME, f"RBAC: {aggregate(errors)}" if errors else "")
