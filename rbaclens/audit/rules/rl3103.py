"""RL3103: a RoleBinding that a ClusterRoleBinding of the same subject makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from rbaclens.analysis.coverage import Coverage, covers, meaning
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.index.compile import Bound, Holdings
from rbaclens.index.lookup import principal
from rbaclens.model.objects import Binding, Role


def _check(context: Context) -> Iterator[Flaw]:
    places = {id(binding): place for place, (binding, _) in enumerate(context.bound)}
    found: dict[tuple[int, int], Flaw] = {}
    for holdings in _everybody(context):
        everywhere = Coverage(rule for bound in holdings.cluster if bound.role for rule in bound.role.rules)
        for bound in chain.from_iterable(holdings.local.values()):
            place = places.get(id(bound.binding))
            if place is None or bound.role is None or context.is_shipped_pair(bound.binding, bound.position):
                continue
            if everywhere.covers(bound.role.rules) and meaning(bound.role.rules):
                found[place, bound.position] = _flaw(bound.binding, bound.position, bound.role.role, holdings.cluster)
    yield from (found[place] for place in sorted(found))


def _everybody(context: Context) -> Iterator[Holdings]:
    """Those who hold something everywhere, and something in a namespace."""
    for table in (context.index.users, context.index.groups):
        yield from (holdings for name, holdings in table.items() if name and holdings.cluster and holdings.local)


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
