"""RL3509: an ABAC line in the legacy format."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LEVEL_SCORES, LineRule
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.version != "v0":
        return
    widened = ["every API group"]
    widened += ["every namespace"] if line.namespace == "*" else []
    widened += ["every resource"] if line.resource == "*" else []
    widened += ["every path"] if line.non_resource_path else []
    yield Flaw(
        on=line,
        message=f"The line is read in the legacy format, where what is left out is everything: it has {', '.join(widened)}.",
        score=LEVEL_SCORES["warning"] if len(widened) == 1 and line.readonly else None,
    )


RULE = LineRule(
    id="RL3509",
    title="ABAC line in the legacy format",
    condition="A line without apiVersion and kind, or with version v0, is read in the legacy format.",
    gives="Left-out fields widen the line: every namespace, every resource, every path, and always every API group.",
    fix='Write apiVersion "abac.authorization.kubernetes.io/v1beta1" and kind "Policy", and all fields in spec, stars included.',
    level="error",
    check=_check,
    attack=("T1078",),
    owasp=("K02",),
)
