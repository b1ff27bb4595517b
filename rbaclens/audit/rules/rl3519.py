"""RL3519: ABAC in use."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    lines = context.policy.abac
    if lines is None and all(entry.type != "ABAC" for entry in context.engine.config.authorizers):
        return
    count = len(lines or ())
    # About the whole file: its first line may be another one tomorrow, and the finding stays the same.
    yield Flaw(
        on=None,
        message=f"The API server authorizes by an ABAC policy file ({count} line{'' if count == 1 else 's'}).",
        related=tuple(Related(line.origin, "the first line") for line in (lines or ())[:1]),
    )


RULE = CheckRule(
    id="RL3519",
    title="ABAC in use",
    condition="There is an ABAC policy file, or ABAC is among the authorizers.",
    gives=(
        "A file on the API server's disk grants rights beside RBAC: no API shows it, nothing checks who may widen it, and a right "
        "that is taken away stays until the API server is started again."
    ),
    fix="Replace the lines by RBAC roles and take ABAC out of the authorizers.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
