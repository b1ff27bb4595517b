"""RL3009: a subject with a wildcard in its name."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            if "*" in subject.name:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position, "name"),
                    key=(subject.kind, subject.name),
                    message=f"{subject.kind} {subject.name} is taken literally: it stands for nobody but a {subject.kind.lower()}"
                    " of exactly this name.",
                )


RULE = CheckRule(
    id="RL3009",
    title="Wildcard in a subject's name",
    condition="The name of a subject contains a star.",
    gives="RBAC compares names letter by letter: those who were meant get nothing, and a login of this very name would get it.",
    fix="Name a group that has all of the members meant; system:authenticated if it really is everybody.",
    level="error",
    check=_check,
    owasp=("K02",),
)
