"""Grants to many at once, everybody or every service account: what a binding gives beyond what every cluster gives them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import take_out
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import AUTHENTICATED, SERVICE_ACCOUNTS
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule

ACCOUNT_GROUPS = (AUTHENTICATED, SERVICE_ACCOUNTS)
"""The groups that every service account is in, whatever its namespace."""


def group_flaws(context: Context, usual: Coverage, goes_to: Callable[[str], str]) -> Iterator[Flaw]:
    """What bindings give, beyond ``usual``, to the groups for which ``goes_to`` has words (of others it is empty)."""
    for binding, position, role in context.bound_groups:
        subject = binding.subjects[position]
        words = goes_to(subject.name)
        numbers = beyond(binding, role, usual) if words else []
        if not numbers:
            continue
        yield Flaw(
            on=binding,
            steps=("subjects", position),
            key=(subject.name,),
            message=f"{role.kind} {role.name} goes to {words}.",
            principal=Principal.of_group(subject.name),
            evidence=tuple(RbacGrant(binding, subject, role, number) for number in numbers),
            patch=None if context.is_shipped_pair(binding, position) else take_out(binding, position),
        )


def usual_rules(context: Context, groups: Collection[str]) -> Iterator[PolicyRule]:
    """What the API server itself gives the members of ``groups``, as far as the policy still does."""
    for binding, position, role in context.bound_groups:
        if binding.subjects[position].name in groups and context.is_shipped_pair(binding, position):
            shipped = context.shipped_role(role)
            yield from shipped.rules if shipped else ()


def beyond(binding: Binding, role: Role, usual: Coverage) -> list[int]:
    """The rules that give something which ``usual`` does not; paths count in a ClusterRoleBinding only (RBAC-29)."""
    rules = enumerate(role.rules)
    return [number for number, rule in rules if (rule.resources or not binding.namespace) and usual.missing((rule,))]
