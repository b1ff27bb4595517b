"""RL3007: a service account without its namespace."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Binding


def _check(context: Context) -> Iterator[Flaw]:
    for binding in (*context.bindings, *context.refused_bindings):
        for position, subject in enumerate(binding.subjects):
            if subject.kind == "ServiceAccount" and not subject.namespace:
                yield _defaulted(binding, position) if binding.namespace else _nowhere(binding, position)


def _nowhere(binding: Binding, position: int) -> Flaw:
    name = binding.subjects[position].name
    return Flaw(
        on=binding,
        steps=("subjects", position),
        key=(name,),
        message=f"ServiceAccount {name} has no namespace here, and a {binding.kind} none to lend: the API server refuses the binding.",
    )


def _defaulted(binding: Binding, position: int) -> Flaw:
    name, namespace = binding.subjects[position].name, binding.namespace
    change = Edit("add", f"/subjects/{position}/namespace", namespace)
    return Flaw(
        on=binding,
        steps=("subjects", position),
        key=(name,),
        message=f"ServiceAccount {name} names no namespace: the one of the binding is taken, {namespace}.",
        score=0.0,
        patch=edit(binding, f"name the namespace {namespace} of ServiceAccount {name}", change),
    )


RULE = CheckRule(
    id="RL3007",
    title="ServiceAccount subject without namespace",
    condition="A subject of kind ServiceAccount names no namespace: an error in a ClusterRoleBinding, a note in a RoleBinding.",
    gives="A ClusterRoleBinding of this kind is refused; in a RoleBinding it depends on where that is put whose rights these are.",
    fix="Write the namespace of the service account into the subject.",
    level="error",
    check=_check,
    owasp=("K02",),
)
