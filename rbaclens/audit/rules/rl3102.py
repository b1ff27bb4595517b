"""RL3102: two bindings that say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import delete
from rbaclens.audit.rule import CheckRule
from rbaclens.index.lookup import principal
from rbaclens.model.objects import Binding


def _check(context: Context) -> Iterator[Flaw]:
    by_role: dict[tuple[str, str, str], list[Binding]] = defaultdict(list)
    for binding in context.bindings:
        by_role[binding.namespace, binding.role_ref.kind, binding.role_ref.name].append(binding)
    same: dict[tuple[object, ...], list[Binding]] = defaultdict(list)
    for binding in (one for some in by_role.values() if len(some) > 1 for one in some):
        who = frozenset(principal(subject, binding.namespace) for subject in binding.subjects) - {None}
        if who:
            same[binding.namespace, binding.role_ref, who].append(binding)
    for bindings in same.values():
        first, *others = sorted(bindings, key=lambda one: one.name)
        for binding in others:
            yield Flaw(
                on=binding,
                message=f"{name_of(first)} gives the same role to the same subjects: deleting one of the two changes nothing.",
                related=(Related(first.origin, f"{name_of(first)} says the same"),),
                patch=delete(binding),
            )


RULE = CheckRule(
    id="RL3102",
    title="Duplicate bindings",
    condition="Two bindings of the same scope give the same role to the same subjects.",
    gives="Whoever deletes one of them believes that the grant is gone.",
    fix="Delete all of them but one.",
    level="note",
    check=_check,
    owasp=("K02",),
)
