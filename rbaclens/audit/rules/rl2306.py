"""RL2306: grants to all authenticated users."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import AUTHENTICATED
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule


def _check(context: Context) -> Iterator[Flaw]:
    usual = Coverage(_usual(context))
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        for position, subject in enumerate(binding.subjects):
            if role is None or subject.kind != "Group" or subject.name != AUTHENTICATED:
                continue
            numbers = _beyond(binding, role, usual)
            if numbers:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=(AUTHENTICATED,),
                    message=f"{role.kind} {role.name} goes to every user and every service account that can log in.",
                    principal=Principal.of_group(AUTHENTICATED),
                    evidence=tuple(RbacGrant(binding, subject, role, number) for number in numbers),
                    patch=None if context.is_shipped_pair(binding, position) else _patch(binding, position),
                )


def _beyond(binding: Binding, role: Role, usual: Coverage) -> list[int]:
    """The rules that give something which not every cluster gives; paths count in a ClusterRoleBinding only (RBAC-29)."""
    rules = enumerate(role.rules)
    return [number for number, rule in rules if (rule.resources or not binding.namespace) and usual.missing((rule,))]


def _patch(binding: Binding, position: int) -> Patch | None:
    """The binding without this subject; nothing where it names the subject twice."""
    same = binding.subjects.count(binding.subjects[position])
    if len(binding.subjects) == same:
        return delete(binding)
    return without_subject(binding, position) if same == 1 else None


def _usual(context: Context) -> Iterator[PolicyRule]:
    """What the API server itself gives all authenticated users."""
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        shipped = context.shipped_role(role) if role else None
        for position, subject in enumerate(binding.subjects):
            if shipped and subject.kind == "Group" and subject.name == AUTHENTICATED and context.is_shipped_pair(binding, position):
                yield from shipped.rules


RULE = CheckRule(
    id="RL2306",
    title="Grant to all authenticated users",
    condition="A binding gives the group system:authenticated more than the API server itself does.",
    gives="Every service account and every user of the login has it; on some platforms that is anybody with an account of the provider.",
    fix="Bind a named group instead.",
    level="error",
    base=8.5,
    check=_check,
    cis=("GKE-4.1.10",),
    attack=("T1078",),
    owasp=("K02",),
)
