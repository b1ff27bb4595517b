"""RL3302: a role or binding without a namespace."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    unplaced = context.policy.written.unplaced
    for one in context.written_objects if unplaced else ():
        if one.origin in unplaced:
            name = one.name or "without a name"
            yield Flaw(
                on=one,
                steps=("metadata",),
                message=f"{one.kind} {name} names no namespace: it goes wherever it is applied, and is judged in {one.namespace}.",
            )


RULE = CheckRule(
    id="RL3302",
    title="Missing metadata.namespace",
    condition="A Role or RoleBinding names no namespace.",
    gives="Whoever applies the file decides, perhaps without a thought, in which namespace it counts.",
    fix="Write the namespace into the metadata, or let the tool that deploys it do so before it is judged.",
    level="note",
    check=_check,
    owasp=("K02",),
)
