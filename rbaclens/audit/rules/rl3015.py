"""RL3015: a subject that stands twice in a binding."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.index.lookup import principal


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        # A service account that is written as a user ends with its name: where all ends differ, so do the subjects.
        if len({subject.name.rpartition(":")[2] for subject in binding.subjects}) == len(binding.subjects):
            continue
        positions: dict[tuple[str, str], list[int]] = {}
        for position, subject in enumerate(binding.subjects):
            who = principal(subject, binding.namespace)
            if who is not None:
                positions.setdefault(who, []).append(position)
        for who, (first, *others) in positions.items():
            if others:
                edits = (Edit("remove", f"/subjects/{position}") for position in reversed(others))
                yield Flaw(
                    on=binding,
                    steps=("subjects", others[0]),
                    key=who,
                    principal=Principal(*who),
                    message=f"{who[0]} {who[1]} is a subject already: taking one of the entries away changes nothing.",
                    related=(Related(binding.origin.child("subjects", first), "the first entry"),),
                    patch=edit(binding, f"keep one entry of {who[0]} {who[1]}", *edits),
                )


RULE = CheckRule(
    id="RL3015",
    title="Duplicate subject",
    condition="A binding names the same subject more than once; a service account that is written as a user counts as the same.",
    gives="Whoever removes one of the entries believes that the grant is gone.",
    fix="Keep one of the entries.",
    level="note",
    check=_check,
    owasp=("K02",),
)
