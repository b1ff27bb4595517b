"""RL3311: somebody's own role or binding under a "system:" name."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Binding, Role

_PREFIX = "system:"


def _check(context: Context) -> Iterator[Flaw]:
    found: list[Role | Binding] = [role for role in context.roles if role.name.startswith(_PREFIX) and context.shipped_role(role) is None]
    # A binding is the API server's by what it says; one without subjects gives nothing to anybody.
    found += [
        one
        for one in context.bindings
        if one.name.startswith(_PREFIX) and one.subjects and not any(context.is_shipped_pair(one, at) for at in range(len(one.subjects)))
    ]
    for one in found:
        yield Flaw(
            on=one,
            steps=("metadata", "name"),
            message=f'The {one.kind} is not the API server\'s own, though its name begins with "{_PREFIX}".',
        )


RULE = CheckRule(
    id="RL3311",
    title='Own object under a "system:" name',
    condition='The name of a role or binding begins with "system:", and the API server\'s policy has no such object.',
    gives="The object looks like part of Kubernetes: people and tools that skip such names pass it by.",
    fix="Give it a name of your own, and never exempt objects by their prefix alone.",
    level="note",
    check=_check,
    attack=("T1036.005",),
    owasp=("K02",),
)
