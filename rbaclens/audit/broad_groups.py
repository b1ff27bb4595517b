"""Grants to many at once, everybody or every service account: what a binding gives beyond what every cluster gives them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, delete, without_subject
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import AUTHENTICATED, SERVICE_ACCOUNTS
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule

ACCOUNT_GROUPS = (AUTHENTICATED, SERVICE_ACCOUNTS)
"""The groups that every service account is in, whatever its namespace."""


def group_flaws(context: Context, usual: Coverage, goes_to: Callable[[str], str]) -> Iterator[Flaw]:
    """What bindings give, beyond ``usual``, to the groups for which ``goes_to`` has words (of others it is empty)."""
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        for position, subject in enumerate(binding.subjects):
            words = goes_to(subject.name) if subject.kind == "Group" else ""
            numbers = beyond(binding, role, usual) if words and role else []
            if role is None or not numbers:
                continue
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(subject.name,),
                message=f"{role.kind} {role.name} goes to {words}.",
                principal=Principal.of_group(subject.name),
                evidence=tuple(RbacGrant(binding, subject, role, number) for number in numbers),
                patch=None if context.is_shipped_pair(binding, position) else without(binding, position),
            )


def usual_rules(context: Context, groups: Collection[str]) -> Iterator[PolicyRule]:
    """What the API server itself gives the members of ``groups``, as far as the policy still does."""
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        shipped = context.shipped_role(role) if role else None
        for position, subject in enumerate(binding.subjects):
            if shipped and subject.kind == "Group" and subject.name in groups and context.is_shipped_pair(binding, position):
                yield from shipped.rules


def beyond(binding: Binding, role: Role, usual: Coverage) -> list[int]:
    """The rules that give something which ``usual`` does not; paths count in a ClusterRoleBinding only (RBAC-29)."""
    rules = enumerate(role.rules)
    return [number for number, rule in rules if (rule.resources or not binding.namespace) and usual.missing((rule,))]


def without(binding: Binding, position: int) -> Patch | None:
    """The binding without this subject; nothing where it names the subject twice."""
    same = binding.subjects.count(binding.subjects[position])
    if len(binding.subjects) == same:
        return delete(binding)
    return without_subject(binding, position) if same == 1 else None
