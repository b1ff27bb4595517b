"""RL3303: a namespace on a cluster-wide object."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    misplaced = context.policy.written.misplaced
    for one in context.written_objects if misplaced else ():
        namespace = misplaced.get(one.origin)
        if namespace is not None:
            yield Flaw(
                on=one,
                steps=("metadata", "namespace"),
                key=(namespace,),
                message=f"A {one.kind} is in no namespace: {namespace} is dropped, and what it gives is not limited to that.",
                patch=edit(one, "remove the namespace", Edit("remove", "/metadata/namespace")),
            )


RULE = CheckRule(
    id="RL3303",
    title="Namespace on a cluster-wide object",
    condition="A ClusterRole or ClusterRoleBinding names a namespace.",
    gives="Who wrote it may have meant to give rights in that namespace alone; they are given in all.",
    fix="Remove the namespace, or write a Role or a RoleBinding if the namespace is meant.",
    level="note",
    check=_check,
    owasp=("K02",),
)
