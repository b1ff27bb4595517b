"""RL3012: the wrong API group in a binding."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import RBAC_GROUP, Binding

_GROUPS = {"User": RBAC_GROUP, "Group": RBAC_GROUP, "ServiceAccount": ""}


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.refused_bindings:
        ref = binding.role_ref
        if ref.api_group != RBAC_GROUP:
            yield _flaw(binding, ("roleRef",), f"{ref.kind} {ref.name}", ref.api_group, RBAC_GROUP)
        for position, subject in enumerate(binding.subjects):
            right = _GROUPS.get(subject.kind, subject.api_group)
            if subject.api_group != right:
                yield _flaw(binding, ("subjects", position), f"{subject.kind} {subject.name}", subject.api_group, right)


def _flaw(binding: Binding, place: tuple[str | int, ...], what: str, group: str, right: str) -> Flaw:
    pointer = "/".join(("", *map(str, place), "apiGroup"))
    wanted = right or "the empty one"
    return Flaw(
        on=binding,
        steps=(*place, "apiGroup"),
        key=(str(place[0]), what),
        message=f'{what} is said to be of the API group "{group}", and is of {wanted}: the API server refuses the binding.',
        patch=edit(binding, f"write {wanted} as the API group of {what}", Edit("replace", pointer, right)),
    )


RULE = CheckRule(
    id="RL3012",
    title="Wrong API group in a binding",
    condition="The apiGroup of a roleRef or of a subject is not the one of its kind.",
    gives="The API server refuses the binding: nobody has what it was meant to give.",
    fix=f"Write {RBAC_GROUP} for roles, users and groups, and nothing for service accounts.",
    level="error",
    check=_check,
    owasp=("K02",),
)
