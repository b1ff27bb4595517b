"""Rules of ACME for rbaclens: service accounts that are at home elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import without_subject
from rbaclens.audit.rule import CheckRule

SHARED = frozenset({"monitoring"})


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            home = subject.namespace
            if subject.kind == "ServiceAccount" and binding.namespace and home not in ("", binding.namespace, *SHARED):
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=(home, subject.name),
                    message=f"{home}/{subject.name} works in {binding.namespace}, and {home} is no shared namespace.",
                    patch=without_subject(binding, position),
                )


RULES = [
    CheckRule(
        id="ACME-101",
        title="Service account from elsewhere",
        condition="A RoleBinding names a service account of a namespace that is neither its own nor a shared one.",
        gives="Whoever may start pods in the other namespace has these rights here.",
        fix="Make a service account in the namespace itself.",
        level="warning",
        check=_check,
    )
]
