"""RL3111: a subject with very many roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.rule import CheckRule
from rbaclens.index.compile import Holdings
from rbaclens.model.objects import Binding

MANY = 10
"""As many roles one subject may have; the same role in several namespaces is one."""


def _check(context: Context) -> Iterator[Flaw]:
    for user, holdings in context.index.users.items():
        yield from _judge(context, user, Principal.of_user, holdings)
    for group, holdings in context.index.groups.items():
        yield from _judge(context, group, Principal.of_group, holdings)


def _judge(context: Context, name: str, principal: Callable[[str], Principal], holdings: Holdings) -> Iterator[Flaw]:
    if len(holdings.cluster) + sum(map(len, holdings.local.values())) <= MANY:
        return
    bounds = [*holdings.cluster, *(bound for local in holdings.local.values() for bound in local)]
    if len({(bound.binding.role_ref.kind, bound.binding.role_ref.name) for bound in bounds}) <= MANY:
        return
    first: dict[tuple[str, str], Binding] = {}
    for bound in sorted(bounds, key=lambda one: (one.binding.namespace, one.binding.name)):
        if not context.is_shipped_pair(bound.binding, bound.position):
            first.setdefault((bound.binding.role_ref.kind, bound.binding.role_ref.name), bound.binding)
    if len(first) > MANY:
        bindings = list(first.values())
        who = principal(name)
        yield Flaw(
            on=bindings[0],
            principal=who,
            message=f"{who.kind} {who.name} is bound to {len(first)} different roles: what they give together, no review of one shows.",
            related=tuple(Related(one.origin, f"{name_of(one)} gives {one.role_ref.name}") for one in bindings[1:MANY]),
        )


RULE = CheckRule(
    id="RL3111",
    title="Too many roles for one subject",
    condition=f"A subject is bound to more than {MANY} different roles; the same role in several namespaces counts once.",
    gives="Roles that are harmless one by one add up to more than anybody meant to give.",
    fix="Make one role of what the subject needs, or split its tasks between several subjects.",
    level="note",
    check=_check,
    owasp=("K02",),
)
