"""RL3103: a RoleBinding that a ClusterRoleBinding of the same subject makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage, covers, meaning
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.rbac import subject_user
from rbaclens.index.compile import Bound, Holdings
from rbaclens.index.lookup import principal
from rbaclens.model.objects import Binding, Role


def _check(context: Context) -> Iterator[Flaw]:
    known: dict[Holdings, Coverage] = {}
    for binding in context.bindings:
        role = context.role_of(binding) if binding.kind == "RoleBinding" else None
        if role is None:
            continue
        for position in range(len(binding.subjects)):
            held = _holdings(context, binding, position)
            if held is None or not held.cluster or context.is_shipped_pair(binding, position):
                continue
            if held not in known:
                known[held] = Coverage(rule for bound in held.cluster if bound.role for rule in bound.role.rules)
            if known[held].covers(role.rules) and meaning(role.rules):
                yield _flaw(binding, position, role, held.cluster)


def _holdings(context: Context, binding: Binding, position: int) -> Holdings | None:
    subject = binding.subjects[position]
    if subject.kind == "Group":
        return context.index.groups.get(subject.name)
    user = subject_user(subject, binding.namespace)
    return context.index.users.get(user) if user else None


def _flaw(binding: Binding, position: int, role: Role, bounds: list[Bound]) -> Flaw:
    who = principal(binding.subjects[position], binding.namespace) or ("User", "")
    alone = next((bound for bound in bounds if bound.role and covers(bound.role.rules, role.rules)[0]), None)
    above = [bound.binding for bound in ([alone] if alone else bounds)]
    names = ", ".join(name_of(one) for one in above[:3])
    return Flaw(
        on=binding,
        steps=("subjects", position),
        key=who,
        principal=Principal(*who),
        message=f"{who[0]} {who[1]} has all of {role.kind} {role.name} in every namespace already, by {names}.",
        related=tuple(Related(one.origin, f"{name_of(one)} gives it everywhere") for one in above[:3]),
        patch=delete(binding) if len(binding.subjects) == 1 else without_subject(binding, position),
    )


RULE = CheckRule(
    id="RL3103",
    title="Shadowed binding",
    condition="All that a RoleBinding gives to a subject, ClusterRoleBindings give to the same subject in every namespace.",
    gives="Reviewers take the namespace for the limit of the grant, and deleting the RoleBinding takes nothing away.",
    fix="Delete the RoleBinding, or the ClusterRoleBinding if the namespace was meant to be the limit.",
    level="note",
    check=_check,
    owasp=("K02",),
)
