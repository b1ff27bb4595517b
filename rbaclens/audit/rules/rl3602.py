"""RL3602: RBAC or Node is missing."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule

_MISSING = {
    "RBAC": ("Roles and bindings count for nothing, and nobody checks who hands on which rights", 7.0),
    "Node": ("What kubelets may do is left to the others: with roles for all nodes each of them reaches the pods and secrets of all", 3.0),
}


def _check(context: Context) -> Iterator[Flaw]:
    types = [entry.type for entry in context.engine.config.authorizers]
    for name, (text, score) in _MISSING.items():
        if name not in types:
            yield Flaw(on=None, key=(name,), message=f"{name} is not among the authorizers ({', '.join(types)}). {text}.", score=score)


RULE = CheckRule(
    id="RL3602",
    title="RBAC or Node missing among the authorizers",
    condition="RBAC (an error) or Node (a warning) is not among the authorizers.",
    gives="Without RBAC its roles and bindings are idle; without Node a node that is taken over reaches what belongs to the others.",
    fix="Configure Node and RBAC, with the admission plugin NodeRestriction beside them.",
    level="error",
    check=_check,
    cis=("1.2.7", "1.2.8"),
    owasp=("K02",),
)
