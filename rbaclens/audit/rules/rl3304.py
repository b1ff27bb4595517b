"""RL3304: a binding that is to give another role."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Binding


def _check(context: Context) -> Iterator[Flaw]:
    replaced = [one for one in context.policy.written.replaced if isinstance(one, Binding)]
    last = {(one.namespace, one.name): one for one in context.policy.bindings} if replaced else {}
    for before in replaced:
        after = last.get((before.namespace, before.name))
        if after is not None and after.role_ref != before.role_ref:
            yield _flaw(before, after, "It is written twice, and the role of a binding cannot be changed: the second one is refused")
    for binding in context.policy.bindings:
        shipped = context.shipped_binding(binding)
        if shipped is not None and shipped.role_ref != binding.role_ref:
            yield _flaw(shipped, binding, "The API server has a binding of this name, whose role cannot be changed and which it restores")


def _flaw(before: Binding, after: Binding, text: str) -> Flaw:
    old, new = before.role_ref, after.role_ref
    return Flaw(
        on=after,
        steps=("roleRef",),
        key=(old.kind, old.name, new.kind, new.name),
        message=f"{text} ({old.kind} {old.name}, then {new.kind} {new.name}).",
        related=(Related(before.origin, f"the one that gives {old.kind} {old.name}"),),
    )


RULE = CheckRule(
    id="RL3304",
    title="Changed roleRef",
    condition="A binding gives another role than one of the same name that is written before it, or that the API server itself makes.",
    gives="The API server refuses the change: the binding goes on to give the role that it gave before.",
    fix="Delete the binding and create it again, or give the new one another name.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
