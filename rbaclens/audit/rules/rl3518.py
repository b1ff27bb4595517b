"""RL3518: an ABAC line that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    for one in context.policy.written.refused_lines:
        yield Flaw(on=one.line, message=f"The API server does not start with this line of the ABAC file: {one.message}.")


RULE = CheckRule(
    id="RL3518",
    title="Malformed ABAC line",
    condition="A line of the ABAC file is no JSON object, or no Policy of a version that the API server knows.",
    gives="The API server does not start: after the next restart nobody has any access.",
    fix="Correct the line, or delete it; what stands in it is granted to nobody.",
    level="error",
    check=_check,
    owasp=("K02",),
)
