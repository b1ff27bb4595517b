"""RL3106: a subject that has the role by one of its groups already."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.rbac import subject_user
from rbaclens.index.compile import Bound
from rbaclens.model.identity import implied_groups
from rbaclens.model.objects import Binding, Role

_IMPLIED = "system:"


def _check(context: Context) -> Iterator[Flaw]:
    shared = set(_of_implied_groups(context))
    for binding, role in context.bound:
        if id(role) not in shared:
            continue
        for position, subject in enumerate(binding.subjects):
            user = subject_user(subject, binding.namespace)
            above = _by_group(context, binding, role, user) if user else None
            if user is None or above is None or context.is_shipped_pair(binding, position):
                continue
            group, where = above.subject.name, name_of(above.binding)
            who = Principal.of_user(user)
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(user,),
                principal=who,
                message=f"{who.kind} {who.name} is in group {group}, which has {role.kind} {role.name} by {where}.",
                related=(Related(above.binding.origin, f"{where} gives the role to {group}"),),
                patch=delete(binding) if len(binding.subjects) == 1 else without_subject(binding, position),
            )


def _of_implied_groups(context: Context) -> Iterator[int]:
    """The ids of the roles that any group has which people and accounts are in without being put there; there are few."""
    for group, holdings in context.index.groups.items():
        if group.startswith(_IMPLIED):
            for bound in (*holdings.cluster, *(bound for local in holdings.local.values() for bound in local)):
                if bound.role is not None:
                    yield id(bound.role.role)


def _by_group(context: Context, binding: Binding, role: Role, user: str) -> Bound | None:
    """A group of the user that holds the role where the binding gives it."""
    for group in implied_groups(user):
        holdings = context.index.groups.get(group)
        for bound in holdings.within(binding.namespace) if holdings else ():
            if bound.role is not None and bound.role.role is role:
                return bound
    return None


RULE = CheckRule(
    id="RL3106",
    title="Subject already covered by its group",
    condition="A user or service account is bound to a role that a group which it always has holds in the same place or everywhere.",
    gives="Whoever removes the subject believes that the grant is gone.",
    fix="Remove the subject, or the binding of the group if so many were not meant.",
    level="note",
    check=_check,
    cis=("5.1.5",),
    owasp=("K02",),
)
