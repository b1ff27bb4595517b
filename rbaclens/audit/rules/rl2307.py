"""RL2307: grants to all service accounts."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import AUTHENTICATED, SERVICE_ACCOUNTS
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule

_IN_NAMESPACE = f"{SERVICE_ACCOUNTS}:"


def _check(context: Context) -> Iterator[Flaw]:
    usual = Coverage(_usual(context))
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        for position, subject in enumerate(binding.subjects):
            if role is None or subject.kind != "Group" or not (f"{subject.name}:").startswith(_IN_NAMESPACE):
                continue
            numbers = _beyond(binding, role, usual)
            if numbers:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=(subject.name,),
                    message=f"{role.kind} {role.name} goes to every pod that belongs to {subject.name}.",
                    principal=Principal.of_group(subject.name),
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
    """What the API server itself gives every service account."""
    for binding in context.policy.bindings:
        role = context.role_of(binding)
        shipped = context.shipped_role(role) if role else None
        for position, subject in enumerate(binding.subjects):
            if (
                shipped
                and subject.kind == "Group"
                and subject.name in (AUTHENTICATED, SERVICE_ACCOUNTS)
                and context.is_shipped_pair(binding, position)
            ):
                yield from shipped.rules


RULE = CheckRule(
    id="RL2307",
    title="Grant to all service accounts",
    condition="A binding gives system:serviceaccounts, or that group of one namespace, more than the API server itself does.",
    gives="One compromised pod is enough to have it, whatever that pod is for.",
    fix="Bind the service account that needs it, by name.",
    level="error",
    base=7.8,
    check=_check,
    cis=("5.1.5",),
    attack=("T1528",),
    owasp=("K02",),
)
