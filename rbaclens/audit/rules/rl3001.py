"""RL3001: a binding to a role that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    there = {id(binding) for binding, _ in context.bound}
    for binding in context.bindings:
        if id(binding) not in there:
            ref = binding.role_ref
            yield Flaw(
                on=binding,
                steps=("roleRef",),
                message=f"{ref.kind} {ref.name} is not in the policy: the binding gives nothing until somebody creates it.",
                patch=delete(binding),
            )


RULE = CheckRule(
    id="RL3001",
    title="Dangling roleRef",
    condition="The roleRef of a binding names a Role of its namespace or a ClusterRole that is not in the input.",
    gives="Whoever may create roles there decides what the binding means.",
    fix="Create the role together with the binding, or delete the binding.",
    level="warning",
    check=_check,
    cis=("5.1.1",),
    owasp=("K02",),
)
