"""RL3604: ABAC and RBAC together."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    types = [entry.type for entry in context.engine.config.authorizers]
    if "ABAC" in types and "RBAC" in types:
        first, second = ("ABAC", "RBAC") if types.index("ABAC") < types.index("RBAC") else ("RBAC", "ABAC")
        yield Flaw(
            on=None,
            message=(
                f"{first} is asked before {second}, and either may allow: everybody has the union of both. RBAC's own check of who may "
                "grant a role counts RBAC rights alone, and ABAC rights only where they are bind or escalate."
            ),
        )


RULE = CheckRule(
    id="RL3604",
    title="ABAC and RBAC together",
    condition="Both ABAC and RBAC are among the authorizers.",
    gives="What one of the two refuses the other may allow, so that neither the roles nor the file tell what somebody may do.",
    fix="Keep one of them, RBAC; until then judge rights by both together.",
    level="note",
    check=_check,
    owasp=("K02",),
)
