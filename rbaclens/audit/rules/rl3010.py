"""RL3010: a binding without subjects."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import RoleRef

_SHIPPED = ("ClusterRoleBinding", "system:node", RoleRef("ClusterRole", "system:node"))
"""The API server keeps this one empty: nodes are the Node authorizer's business."""


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        if not binding.subjects and (binding.kind, binding.name, binding.role_ref) != _SHIPPED:
            ref = binding.role_ref
            yield Flaw(
                on=binding,
                message=f"The binding has no subjects: it gives nothing until an update of it gives {ref.kind} {ref.name} to somebody.",
                patch=delete(binding),
            )


RULE = CheckRule(
    id="RL3010",
    title="Binding without subjects",
    condition="The list of subjects of a binding is empty or absent.",
    gives="Nothing by itself; a subject that is added to it later is easily missed in a review.",
    fix="Delete the binding.",
    level="note",
    check=_check,
    owasp=("K02",),
)
