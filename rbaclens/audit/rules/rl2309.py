"""RL2309: bindings that name system:masters."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import MASTERS
from rbaclens.model.objects import Binding


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.policy.bindings:
        for position, subject in enumerate(binding.subjects):
            if subject.kind != "Group" or subject.name != MASTERS or context.is_shipped_pair(binding, position):
                continue
            role = context.role_of(binding)
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(MASTERS,),
                message=f"{binding.kind} {binding.name} names {MASTERS}, whose members may do everything; no binding can take that back.",
                principal=Principal.of_group(MASTERS),
                evidence=tuple(RbacGrant(binding, subject, role, number) for number in range(len(role.rules))) if role else (),
                patch=_patch(binding, position),
            )


def _patch(binding: Binding, position: int) -> Patch | None:
    """The binding without this subject; nothing where it names the subject twice."""
    same = binding.subjects.count(binding.subjects[position])
    if len(binding.subjects) == same:
        return delete(binding)
    return without_subject(binding, position) if same == 1 else None


RULE = CheckRule(
    id="RL2309",
    title="Binding names system:masters",
    condition="A binding other than that of the API server itself has the group system:masters among its subjects.",
    gives="Whoever is put into that group is cluster-admin past every authorizer and every escalation check, irrevocably.",
    fix="Use an administrators' group of your own, bound to cluster-admin; keep system:masters for emergencies.",
    level="error",
    base=8.5,
    check=_check,
    cis=("5.1.7",),
    attack=("T1078",),
    owasp=("K02",),
)
