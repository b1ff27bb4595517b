"""RL3310: an object of the API server that it no longer keeps up to date."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Binding, Role

_AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate"
_POINTER = f"/metadata/annotations/{_AUTO_UPDATE.replace('/', '~1')}"


def _check(context: Context) -> Iterator[Flaw]:
    every: tuple[Role | Binding, ...] = (*context.policy.roles, *context.policy.bindings)
    for one in every:
        if one.annotations.get(_AUTO_UPDATE) == "false" and _is_shipped(one, context):
            yield Flaw(
                on=one,
                steps=("metadata", "annotations", _AUTO_UPDATE),
                message=f"The API server no longer keeps its own {one.kind} {one.name} up to date.",
                patch=edit(one, "switch the automatic update on", Edit("replace", _POINTER, "true")),
            )


def _is_shipped(one: Role | Binding, context: Context) -> bool:
    if isinstance(one, Role):
        return context.shipped_role(one) is not None
    return any(context.is_shipped_pair(one, position) for position in range(len(one.subjects)))


RULE = CheckRule(
    id="RL3310",
    title="Automatic update switched off",
    condition="A role or binding of the API server's own policy has the annotation autoupdate=false.",
    gives="Rights that later versions took away, such as writing endpoints, stay; so does whatever somebody adds.",
    fix='Set the annotation to "true", unless the change is meant and looked after.',
    level="note",
    check=_check,
    owasp=("K02",),
)
