"""RL3006: a binding to a Role of another namespace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role


def _check(context: Context) -> Iterator[Flaw]:
    named: dict[str, list[Role]] = defaultdict(list)
    for role in context.policy.roles:
        if role.kind == "Role":
            named[role.name].append(role)
    for binding in context.bindings:
        name = binding.role_ref.name
        if binding.role_ref.kind != "Role" or name not in named or context.role_of(binding) is not None:
            continue
        elsewhere = sorted(named[name], key=lambda role: role.namespace)
        places = ", ".join(role.namespace for role in elsewhere[:3]) + (" and others" if len(elsewhere) > 3 else "")
        yield Flaw(
            on=binding,
            steps=("roleRef",),
            message=f"Role {name} is in namespace {places} only: a RoleBinding reaches the Roles of its own namespace {binding.namespace}.",
            related=tuple(Related(role.origin, f"Role {name} of namespace {role.namespace}") for role in elsewhere[:3]),
        )


RULE = CheckRule(
    id="RL3006",
    title="Role exists only in another namespace",
    condition="The roleRef of a RoleBinding names a Role that its namespace does not have, but another one has.",
    gives="The binding gives nothing, and whoever may create roles in its namespace decides what it will mean.",
    fix="Create the Role in the namespace of the binding, or make it a ClusterRole and bind that.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
