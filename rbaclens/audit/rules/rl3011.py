"""RL3011: a ClusterRoleBinding of a Role."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.refused_bindings:
        if binding.kind == "ClusterRoleBinding" and binding.role_ref.kind == "Role":
            name = binding.role_ref.name
            roles = [role for role in context.policy.roles if role.kind == "Role" and role.name == name]
            homes = f" (there is one in {', '.join(role.namespace for role in roles)})" if roles else ""
            yield Flaw(
                on=binding,
                steps=("roleRef", "kind"),
                message=f"It names Role {name}{homes}, and a ClusterRoleBinding can give ClusterRoles alone: the API server refuses it.",
                related=tuple(Related(role.origin, f"Role {role.namespace}/{name}") for role in roles),
            )


RULE = CheckRule(
    id="RL3011",
    title="ClusterRoleBinding of a Role",
    condition="The roleRef of a ClusterRoleBinding has the kind Role.",
    gives="The API server refuses the binding: nobody has what it was meant to give.",
    fix="Write a RoleBinding in the namespace of the role, or bind a ClusterRole if the whole cluster is meant.",
    level="error",
    check=_check,
    owasp=("K02",),
)
